"""Make a compiled catalog the one that decisions are made from, in the database and in memory: all of it or nothing."""

from __future__ import annotations

import asyncio
import logging

import msgspec

from lenticular.app.engine import Engine, recounted_engine
from lenticular.app.site import LiveSite
from lenticular.catalog.stored import Publication, Publishing
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.errors import LenticularError

_log = logging.getLogger(__name__)


async def go_live(site: LiveSite, engine: Engine, publishing: Publishing) -> Publication:
    """Publish, and decide by it from now on. Only while `site.publishing` is held.

    Whoever waits for it may be cancelled; it comes to its end all the same. Raises ConflictError, StoreError.
    """
    going = asyncio.create_task(_go_live(site, engine, publishing))
    site.going.add(going)
    going.add_done_callback(site.going.discard)
    return await asyncio.shield(going)


async def _go_live(site: LiveSite, engine: Engine, publishing: Publishing) -> Publication:
    keys = await site.stores.keys.take_in_all(engine.catalog.site, publishing.author)
    publication = await _published(site, engine, publishing)
    await site.stores.keys.settle_all(keys)
    told = msgspec.structs.replace(publication, changes=publishing.changes)
    for tell in site.on_published:
        try:
            tell(told)
        except Exception:
            _log.exception("Someone could not be told of a publication.", extra={"site": site.key})
    return publication


async def _published(site: LiveSite, engine: Engine, publishing: Publishing) -> Publication:
    plans: list[TallyPlan] = []

    def ready() -> None:
        """Count the new tallies in the moment before the catalog that needs them is durable.

        A server that dies between the two has the old catalog when it starts, and counts what that needs.
        """
        site.stores.profiles.register(engine.types)
        plans.append(site.count(engine))

    async with site.collector.paused():
        try:
            publication = await site.in_store(site.stores.catalogs.publish, site.key, publishing, ready)
        except Exception:
            done = await _what_came_about(site) if plans else None
            if done is None:
                if plans:
                    _back(site)
                raise
            publication = done
        _swap(site, engine, plans[-1], publication)
    return publication


async def _what_came_about(site: LiveSite) -> Publication | None:
    """Return the publication that the database has done and only could not say so; None if there is none."""
    catalogs = site.stores.catalogs
    try:
        live = await site.in_store(catalogs.live, site.key)
        if live is None or live.publication == site.publication:
            return None
        return await site.in_store(catalogs.publication, site.key, live.publication)
    except LenticularError as error:
        _log.error("Whether a publication came about is not known: %s.", error.codes, extra={"site": site.key})
        return None


def _back(site: LiveSite) -> None:
    """Count by the old catalog again, as far as that can be written."""
    try:
        _count(site, site.count(site.engine))
    except LenticularError as error:
        message = "The tallies of the live catalog are counted again from the next start on: %s."
        _log.error(message, error.codes, extra={"site": site.key})


def _count(site: LiveSite, plan: TallyPlan) -> None:
    site.collector.swap(plan)
    site.backfill.follow(plan)


def _swap(site: LiveSite, engine: Engine, plan: TallyPlan, publication: Publication) -> None:
    _count(site, plan)
    site.types.update(engine.types)
    site.engine = recounted_engine(engine, site.popular)
    site.publication = publication.id
