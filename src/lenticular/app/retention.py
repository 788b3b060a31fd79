"""Retention: a site lets go of what is older than it says, and what can be asked stays the same everywhere."""

from __future__ import annotations

import msgspec

from lenticular.app.site import LiveSite
from lenticular.criteria.calendar import DAY
from lenticular.stores.clickhouse.upkeep import ClickHouseUpkeep


class Old(msgspec.Struct, frozen=True):
    """What a site has that is older than it wants to keep: events, from before a moment (ms; None: it keeps all)."""

    events: int
    kept_from: int | None


async def find_old(site: LiveSite) -> Old:
    """Look for events from before the site's retention. Raises EventsUnavailableError."""
    kept_from = site.engine.catalog.site.kept_from(site.clock())
    if kept_from is None:
        return Old(0, None)
    await site.settle()
    return Old(await ClickHouseUpkeep(site.stores.parts).old_events(kept_from), kept_from)


async def forget_events(site: LiveSite, kept_from: int) -> None:
    """Let go of the events and visits from before a moment (ms), but for everyone's latest visit.

    Raises EventsUnavailableError.
    """
    upkeep = ClickHouseUpkeep(site.stores.parts)
    await upkeep.forget_events(kept_from)
    await upkeep.forget_visits(kept_from)


async def recount(site: LiveSite) -> int:
    """Count anew the behaviours that look back beyond the retention: what they counted is not all there any more.

    Meanwhile they are answered from the log, as after a publish that brought them. Returns how many. Raises StoreError.
    """
    span = site.engine.catalog.site.retention_days * DAY
    tallies = site.engine.segments.plan.tallies
    long = [key for key, one in tallies.items() if one.back is None or one.back > span or one.in_session]
    if long:
        async with site.collector.paused():
            site.recount(long)
    return len(long)


async def forget_counts(site: LiveSite, segment_days: int) -> int:
    """Thin the history of segments to one count a day, and let go of what is older than so many days (0: of nothing).

    Returns how many rows were old. Raises EventsUnavailableError.
    """
    calendar, upkeep = site.engine.segments.calendar, ClickHouseUpkeep(site.stores.parts)
    today = calendar.day(site.clock())
    await upkeep.thin_counts(today)
    first = today - segment_days
    return await upkeep.forget_counts(first, calendar.start_of(first)) if segment_days else 0
