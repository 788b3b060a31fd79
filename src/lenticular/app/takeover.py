"""Take over what earlier versions published: a file `catalog.db` in each site's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lenticular.app.changes import changes_to
from lenticular.app.sentences import first_sentences
from lenticular.catalog.author import Author
from lenticular.catalog.stored import Publishing
from lenticular.ports import CatalogStore
from lenticular.stores.sqlite.catalog import read_published

EARLIER = Author("an earlier version")
FILE = "catalog.db"
TAKEN = "catalog.db.taken-over"


def take_over(home: Path, catalogs: CatalogStore, new_id: Callable[[], str]) -> None:
    """Write what is live at each site of a folder of sites into the database, once. Raises StoreError.

    A file that was taken over is renamed. One whose site the database knows already: that was interrupted just before.
    """
    known = set(catalogs.sites())
    for folder in sorted(home.iterdir()):
        path = folder / FILE
        if not path.exists():
            continue
        published = read_published(path) if folder.name not in known else None
        if published is not None:
            changes = first_sentences(changes_to(published.catalog, None, (), new_id))
            given = Publishing(
                published.at, EARLIER, changes, published.catalog.revision, tuple(published.tallies), kind="import"
            )
            catalogs.publish(folder.name, given, lambda: None)
        path.rename(folder / TAKEN)
