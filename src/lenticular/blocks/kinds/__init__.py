"""The kinds that come with Lenticular, each a class and its template."""

from __future__ import annotations

from lenticular.blocks.kind import Kind
from lenticular.blocks.kinds.article import Article
from lenticular.blocks.kinds.banner import Banner
from lenticular.blocks.kinds.call_to_action import CallToAction
from lenticular.blocks.kinds.card_list import CardList
from lenticular.blocks.kinds.carousel import Carousel
from lenticular.blocks.kinds.form import Form
from lenticular.blocks.kinds.heading import Heading
from lenticular.blocks.kinds.hero import Hero
from lenticular.blocks.kinds.html import Html
from lenticular.blocks.kinds.image import Image
from lenticular.blocks.kinds.offer import Offer
from lenticular.blocks.kinds.rich_text import RichTextBlock
from lenticular.blocks.kinds.search import Search
from lenticular.blocks.kinds.section import Section
from lenticular.blocks.kinds.slot import Slot
from lenticular.blocks.kinds.spacer import Spacer

BUILT_IN: tuple[type[Kind], ...] = (
    Section,
    Heading,
    RichTextBlock,
    Hero,
    Image,
    CallToAction,
    CardList,
    Carousel,
    Offer,
    Article,
    Banner,
    Html,
    Form,
    Search,
    Slot,
    Spacer,
)
"""In the order in which an editor is shown them."""
