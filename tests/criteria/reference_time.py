"""Time for the reference evaluator: datetimes in the zone's own rules; a day's first instant by trying every minute."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def instant(milliseconds: int) -> datetime:
    """Return an instant given in milliseconds since 1970-01-01T00:00Z."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def literal_instant(text: str) -> datetime:
    """Return the instant of `datetime("…")`; what is finer than a millisecond is cut off."""
    return instant((datetime.fromisoformat(text) - EPOCH) // MILLISECOND)


def day_of_number(number: int) -> date:
    """Return the day that lies so many days after 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=number)


@lru_cache(maxsize=4096)
def shifted(at: datetime, duration: str, sign: int, zone: ZoneInfo) -> datetime:
    """Return the instant a duration before (sign −1) or after an instant.

    Months and years keep the local time and are clamped to the month's last day; of a local time that comes twice
    the first is meant, one that is left out is read with the offset before the gap (`fold=0`, PEP 495).
    """
    found = re.fullmatch(r"(\d+)(mo|[smhdwy])", duration)
    assert found
    amount, unit = sign * int(found[1]), found[2]
    if unit in UNITS:
        return at + timedelta(**{UNITS[unit]: amount})
    local = at.astimezone(zone)
    months = amount * 12 if unit == "y" else amount
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    moved = datetime.combine(date(year, month + 1, min(local.day, last)), local.time(), zone)
    return moved.replace(fold=0).astimezone(UTC)


@lru_cache(maxsize=4096)
def first_instant(day: date, zone: ZoneInfo) -> datetime:
    """Return when a local day begins, or the next one where the zone left that day out: the first such minute."""
    at = datetime.combine(day, time(), UTC) - timedelta(hours=26)
    while at.astimezone(zone).date() < day:
        at += timedelta(minutes=1)
    return at


def anniversary(day: date, year: int) -> date:
    """Return the day on which a day is remembered in a year: 29 February on the 28th where there is none."""
    return date(year, 2, 28) if (day.month, day.day) == (2, 29) and not isleap(year) else day.replace(year=year)


def age(day: date, today: date) -> int:
    """Return full years."""
    return today.year - day.year - (today < anniversary(day, today.year))


def days_until_anniversary(day: date, today: date) -> int:
    """Return the days until the next anniversary, 0 if it is today."""
    ahead = 0
    while (at := today + timedelta(days=ahead)) != anniversary(day, at.year):
        ahead += 1
    return ahead


def period(at: datetime, every: str, zone: ZoneInfo) -> tuple[int, ...]:
    """Return what names the calendar period of an instant: the local hour, day, ISO week or month."""
    local = at.astimezone(zone)
    match every:
        case "1h":
            return (local.date().toordinal(), local.hour)
        case "1d":
            return (local.date().toordinal(),)
        case "1w":
            return tuple(local.isocalendar()[:2])
        case "1mo":
            return (local.year, local.month)
    raise ValueError(every)
