"""Publish: a catalog becomes what decisions are made from, all of it at once."""

from __future__ import annotations

import asyncio

import msgspec

from lenticular.app.backfill import backfill
from lenticular.app.engine import Engine, compile_engine
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.errors import CatalogError, Problem


class Publish(msgspec.Struct, frozen=True, rename="camel"):
    """What was published: the revision, and how many behaviours had to be counted from the log first."""

    revision: str
    backfilled: int


async def publish(site: LiveSite, catalog: Catalog) -> Publish:
    """Make a catalog live.

    Behaviours that nobody counted before are counted from the log while folding waits: events are accepted and
    decisions made meanwhile, by the catalog before. Raises CatalogError, and EventsUnavailableError when there is
    something to count and the log can't be read.
    """
    _refuse_other_site(site, catalog)
    engine = await asyncio.to_thread(compile_engine, catalog, dict(site.types))
    wanted = set(engine.segments.plan.tallies)
    live = site.stores.catalogs.live()
    new = wanted - (live.tallies if live else frozenset())
    async with site.collector.paused():
        site.stores.profiles.register(engine.types)
        if new:
            await site.flusher.drain()
            await backfill(site.stores.profiles, site.stores.events, engine.segments.plan, new, site.clock())
        site.collector.swap(engine.segments.plan)
        site.stores.catalogs.publish(catalog, site.clock(), sorted(wanted))
        _swap(site, engine)
    return Publish(catalog.revision, len(new))


async def take_up(site: LiveSite) -> None:
    """After a start: count the behaviours of the live catalog that are not complete (a type has changed, say)."""
    live = site.stores.catalogs.live()
    if live is not None and not set(site.engine.segments.plan.tallies) <= live.tallies:
        await publish(site, live.catalog)


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
