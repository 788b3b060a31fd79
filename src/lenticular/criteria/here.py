"""The visitor's own local time: `session.local_date`, `session.local_hour`, `session.local_weekday`.

It is now in the zone that the visitor's browser names, or in the site's where it names none that exists.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from lenticular.criteria.calendar import DAY, Calendar, weekday

LOCAL = ("local_date", "local_hour", "local_weekday")
"""What is worked out of now and `session.timezone`, and never stored."""

_SECOND = timedelta(seconds=1)


@cache
def _zones() -> frozenset[str]:
    """Return the names that exist. Listing them reads folders, and a visitor may say any name, so it is done once."""
    return frozenset(available_timezones())


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=4096)
def _offset(name: str, minute: int) -> int | None:
    zone = _zone(name) if name in _zones() else None
    if zone is None:
        return None
    offset = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone).utcoffset()
    return (offset or timedelta()) // _SECOND * 1_000


def local_now(zone: str | None, now: int, site: Calendar) -> int:
    """Return now in local milliseconds. Offsets change on whole minutes, everywhere and since 1973."""
    offset = _offset(zone, now // 60_000) if zone else None
    return site.local(now) if offset is None else now + offset


def offsets_now(now: int) -> tuple[list[str], list[int]]:
    """Return every zone and its offset (ms) at `now`, which SQL looks up."""
    names = sorted(_zones())
    return names, [local_now(name, now, _NOWHERE) - now for name in names]


_NOWHERE = Calendar("UTC")


def local_part(part: str, local: int) -> int | float | str:
    """Return the day number, the hour or the weekday of local milliseconds."""
    if part == "local_hour":
        return float(local % DAY // 3_600_000)
    day = local // DAY
    return weekday(day) if part == "local_weekday" else day
