"""Count how often items were seen and clicked, every so often, and put the lists that ask for it in order by that."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping

from lenticular.app.engine import recounted_engine
from lenticular.app.site import LiveSite
from lenticular.criteria.calendar import DAY
from lenticular.criteria.sql_popular import popular_query
from lenticular.decide.popular import Counted
from lenticular.decide.snapshot import counted_in
from lenticular.errors import EventsUnavailableError, LenticularError

EVERY = 300.0
"""Seconds between two counts."""
_log = logging.getLogger(__name__)


async def count_popular(site: LiveSite) -> bool:
    """Count what the lists of the live catalog ask for, and decide by it from now on; return whether any does.

    Raises LenticularError when the log can't be asked: what was counted before stays.
    """
    wanted = counted_in(site.engine.catalog)
    if not wanted:
        return False
    now = site.clock()
    found: dict[Counted, Mapping[str, int]] = {}
    for what, days in sorted(wanted):
        query = popular_query(what, now - days * DAY, now + 1)
        rows = await site.stores.events.query(query.sql, query.parameters)
        found[what, days] = {str(item): int(count) for item, count in rows}
    engine = site.engine
    anew = await asyncio.to_thread(recounted_engine, engine, found) if found != site.popular else engine
    site.popular = found
    if site.engine is engine:
        site.engine = anew
    else:  # another catalog was published meanwhile
        site.engine = recounted_engine(site.engine, found)
    return True


async def keep_counting(site: LiveSite) -> None:
    """Count at once, after each publication, and every few minutes, until cancelled."""
    published = asyncio.Event()
    site.on_published.append(lambda _: published.set())
    while True:
        published.clear()
        try:
            await count_popular(site)
        except EventsUnavailableError as error:
            _log.info("What is popular could not be counted now: %s.", error.codes)
        except LenticularError as error:
            _log.warning("What is popular could not be counted: %s.", error.codes)
        except Exception:
            _log.exception("What is popular could not be counted.")
        try:
            async with asyncio.timeout(EVERY):
                await published.wait()
        except TimeoutError:
            continue
