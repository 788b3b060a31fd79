"""Take over what earlier versions published: a file `catalog.db` in each site's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lenticular.app.changes import changes_to
from lenticular.app.sentences import first_sentences
from lenticular.catalog.author import Author
from lenticular.catalog.stored import Publishing
from lenticular.errors import StoreError
from lenticular.ports import CatalogStore
from lenticular.stores.sqlite.catalog import read_published

EARLIER = Author("an earlier version")
FILE = "catalog.db"
TAKEN = "catalog.db.taken-over"


def take_over(home: Path, catalogs: CatalogStore, new_id: Callable[[], str]) -> dict[str, StoreError]:
    """Write what is live at each site of a folder of sites into the database, once; return what can't be read, by site.

    A file that was taken over is renamed. One whose site the database knows already: that was interrupted just before.
    Raises StoreError if the database can't be asked.
    """
    known = set(catalogs.sites())
    unread = {}
    for path in sorted(home.glob(f"*/{FILE}")):
        key = path.parent.name
        if key not in known:
            try:
                published = read_published(path)
            except StoreError as error:
                unread[key] = error
                continue
            if published is not None:
                changes = first_sentences(changes_to(published.catalog, None, (), new_id))
                given = Publishing(
                    published.at, EARLIER, changes, published.catalog.revision, tuple(published.tallies), kind="import"
                )
                catalogs.publish(key, given, lambda: None)
        path.rename(path.with_name(TAKEN))
    return unread
