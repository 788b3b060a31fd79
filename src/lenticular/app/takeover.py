"""Take over what earlier versions published: a file `catalog.db` in each site's folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from lenticular.accounts.site_key import key_from
from lenticular.app.changes import changes_to
from lenticular.app.sentences import first_sentences
from lenticular.catalog.author import Author
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.stored import Publishing
from lenticular.errors import ConflictError, StoreError
from lenticular.ports import CatalogStore, KeyStore
from lenticular.stores.sqlite.catalog import read_published

EARLIER = Author("an earlier version")
FILE = "catalog.db"
TAKEN = "catalog.db.taken-over"


def take_over(home: Path, catalogs: CatalogStore, keys: KeyStore, new_id: Callable[[], str]) -> dict[str, StoreError]:
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
                catalog = _without_secret(published.catalog, published.at, keys, new_id)
                changes = first_sentences(changes_to(catalog, None, (), new_id))
                given = Publishing(
                    published.at, EARLIER, changes, catalog.revision, tuple(published.tallies), kind="import"
                )
                catalogs.publish(key, given, lambda: None)
        path.rename(path.with_name(TAKEN))
    return unread


def _without_secret(catalog: Catalog, at: int, keys: KeyStore, new_id: Callable[[], str]) -> Catalog:
    """Keep the secret key of a site as a hash; return the catalog without it."""
    site = catalog.site
    if site.secret_key:
        with suppress(ConflictError):  # it was kept before, and what followed was interrupted
            keys.add(key_from(site.secret_key, "secret", site.key, new_id(), (at, EARLIER)))
    return msgspec.structs.replace(catalog, site=msgspec.structs.replace(site, secret_key=""))
