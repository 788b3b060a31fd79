"""Publish: a catalog becomes what decisions are made from, all of it at once."""

from __future__ import annotations

import asyncio

import msgspec

from lenticular.app.engine import Engine, compile_engine
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.errors import CatalogError, Problem


class Publish(msgspec.Struct, frozen=True, rename="camel"):
    """What was published: the revision, and of how many behaviours the past is being counted from the log."""

    revision: str
    preparing: int


async def publish(site: LiveSite, catalog: Catalog) -> Publish:
    """Make a catalog live.

    Behaviours that nobody counted before are counted from the next event on, and their past is added by and by.
    Raises CatalogError, StoreError.
    """
    _refuse_other_site(site, catalog)
    engine = await asyncio.to_thread(compile_engine, catalog, dict(site.types))
    async with site.collector.paused():
        site.stores.profiles.register(engine.types)
        # A server that dies between the two lines counts what is missing when it starts again; in the other order
        # tallies would be taken for counted that the catalog before knows nothing of.
        site.stores.catalogs.publish(catalog, site.clock(), sorted(engine.segments.plan.tallies))
        plan = site.count(engine)
        site.collector.swap(plan)
        site.backfill.follow(plan)
        _swap(site, engine)
    return Publish(catalog.revision, len(site.backfill.preparing))


def _swap(site: LiveSite, engine: Engine) -> None:
    site.types.update(engine.types)
    site.engine = engine


def _refuse_other_site(site: LiveSite, catalog: Catalog) -> None:
    if catalog.site.key != site.key:
        raise CatalogError(
            Problem(
                "catalog.site",
                f"This is the catalog of the site {catalog.site.key!r}, not of {site.key!r}.",
                "site.yaml",
                f"Import it with --site {catalog.site.key}.",
            )
        )
    zone = site.engine.catalog.site.timezone
    if catalog.site.timezone != zone:
        raise CatalogError(
            Problem(
                "catalog.timezone",
                f"The site's time zone is {zone}, and fixed: {catalog.site.timezone} would move every day and session.",
                "site.yaml",
                f"Write timezone: {zone}, or import into a new data folder.",
            )
        )
