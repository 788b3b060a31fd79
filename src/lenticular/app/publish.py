"""Publish a whole catalog: it becomes what decisions are made from, all of it at once."""

from __future__ import annotations

import asyncio

import msgspec

from lenticular.app.changes import changes_to
from lenticular.app.engine import compile_engine
from lenticular.app.go_live import go_live
from lenticular.app.sentences import naming, versions_before, with_sentences
from lenticular.app.site import LiveSite
from lenticular.catalog.author import ADMIN, Author
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Live, Publishing, Search, Stored
from lenticular.errors import CatalogError, ConflictError, Problem, StoreError

_ALL = 1_000_000


class Publish(msgspec.Struct, frozen=True, rename="camel"):
    """What was published: the revision, and of how many behaviours the past is being counted from the log."""

    revision: str
    preparing: int


async def publish(
    site: LiveSite, catalog: Catalog, author: Author = ADMIN, note: str = "", expected: str = ""
) -> Publish:
    """Make a catalog live. What is live and not in it is deleted.

    Behaviours that nobody counted before are counted from the next event on, and their past is added by and by.
    `expected` is the revision that it takes for granted. Raises CatalogError, ConflictError, StoreError.
    """
    refuse_other_site(site, catalog.site)
    async with site.publishing:
        if expected and site.engine.snapshot.revision != expected:
            message = "Something else was published meanwhile."
            raise ConflictError(Problem("catalog.changed", message, hint="Look at the differences again."))
        given_site, catalog = catalog.site, plain_catalog(site, catalog)
        engine = await asyncio.to_thread(compile_engine, catalog, dict(site.types))
        live, known = await live_of(site), await known_definitions(site)
        plain = changes_to(catalog, live, known, site.new_id)
        before = await versions_before(site, live, {one.id: one for one in known}, plain)
        changes = with_sentences(plain, before, naming(site, catalog, engine.segments.schema))
        keys = await site.stores.keys.take_in_all(given_site, author)
        if changes:
            tallies = tuple(sorted(engine.segments.plan.tallies))
            given = Publishing(site.clock(), author, changes, catalog.revision, tallies, note=note, kind="import")
            await go_live(site, engine, msgspec.structs.replace(given, expected=live.publication))
        await site.stores.keys.settle_all(keys)
    return Publish(catalog.revision, len(site.backfill.preparing))


def plain_catalog(site: LiveSite, catalog: Catalog) -> Catalog:
    """Return a catalog with no secret key in it, and with a public key that was not replaced."""
    return msgspec.structs.replace(catalog, site=site.stores.keys.plain(catalog.site))


async def live_of(site: LiveSite) -> Live:
    """Return what is live as the database has it. Raises StoreError."""
    live = await site.in_store(site.stores.catalogs.live, site.key)
    if live is None:
        hint = "Restore the database from a backup."
        raise StoreError(Problem("site.empty", f"The database has no catalog of {site.key} any more.", hint=hint))
    return live


async def known_definitions(site: LiveSite) -> list[Stored]:
    """Return all definitions that there are or were. Raises StoreError."""
    store = site.stores.catalogs
    found = []
    for state in ("", "deleted"):
        found += await site.in_store(store.definitions, site.key, Search(state=state, limit=_ALL))
    return found


def refuse_other_site(site: LiveSite, definition: Site) -> None:
    """Refuse what would make another site of a site, or move its days. Raises CatalogError."""
    if definition.key != site.key:
        raise CatalogError(
            Problem(
                "catalog.site",
                f"This is the catalog of the site {definition.key!r}, not of {site.key!r}.",
                "site.yaml",
                f"Import it with --site {definition.key}.",
            )
        )
    zone = site.engine.catalog.site.timezone
    if definition.timezone != zone:
        raise CatalogError(
            Problem(
                "catalog.timezone",
                f"The site's time zone is {zone}, and fixed: {definition.timezone} would move every day and session.",
                "site.yaml",
                f"Write timezone: {zone}, or import into a new data folder.",
            )
        )
