"""What the domain asks of the outside world. Every store of a port passes one contract suite."""

from lenticular.ports.accounts import AccountStore as AccountStore
from lenticular.ports.accounts import KeyStore as KeyStore
from lenticular.ports.catalog import CatalogStore as CatalogStore
from lenticular.ports.data import Batch as Batch
from lenticular.ports.data import Clock as Clock
from lenticular.ports.data import Counted as Counted
from lenticular.ports.data import Events as Events
from lenticular.ports.data import FoldResult as FoldResult
from lenticular.ports.data import Journal as Journal
from lenticular.ports.data import LookUps as LookUps
from lenticular.ports.data import ProfileStore as ProfileStore
from lenticular.ports.jobs import JobStore as JobStore
from lenticular.ports.pictures import Files as Files
from lenticular.ports.pictures import PictureStore as PictureStore
from lenticular.ports.previews import PreviewStore as PreviewStore
from lenticular.ports.webhooks import WebhookStore as WebhookStore
