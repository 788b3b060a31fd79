"""Pages that are archived: their addresses are gone for good, and not just mistyped."""

from __future__ import annotations

from lenticular.app.definitions import body_at
from lenticular.app.site import LiveSite
from lenticular.catalog.page import plain_path
from lenticular.catalog.stored import Search

_MOST = 500


async def archived_paths(site: LiveSite) -> frozenset[str]:
    """Return the paths of a site's archived pages, of 500 at most. Raises StoreError."""
    search = Search(kind="pages", state="archived", limit=_MOST)
    found = await site.in_store(site.stores.catalogs.definitions, site.key, search)
    bodies = [await body_at(site, one.id, one.revision) for one in found]
    return frozenset(plain_path(str(body["path"])) for body in bodies if body and body.get("path"))
