"""How a segment went: its size by day or by hour, how many joined and left, what was published meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import msgspec

from lenticular.app.backfill import ask, is_merged
from lenticular.app.engine import unknown_segment
from lenticular.app.site import LiveSite
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.sql_sizes import (
    days_query,
    hours_query,
    newest_sizes_query,
)
from lenticular.criteria.tree import segments_in
from lenticular.errors import LenticularError, Problem

_EPOCH = date(1970, 1, 1)
_DAYS = 90
_MOST_REVISIONS = 200
_MOST_OVERLAP = 4


class SegmentPublish(msgspec.Struct, frozen=True, rename="camel"):
    """A publish that changed a segment at `at` (ms), or (`key`) one that it names: who, and the change in words."""

    at: int
    publication: int
    key: str
    author: str
    sentence: str


class SegmentDay(msgspec.Struct, frozen=True, rename="camel"):
    """A segment on a local day, as it was counted last on it, at `at` (ms).

    `joined` and `left` are people since the day `since`, the one that was counted before; null where there is none.
    """

    day: str
    at: int
    size: int
    since: str | None
    joined: int | None
    left: int | None
    publishes: tuple[SegmentPublish, ...] = ()


class SegmentHour(msgspec.Struct, frozen=True):
    """A count of a segment at `at` (ms): how many there were then, how many joined and left since the one before."""

    at: int
    size: int
    known: int
    joined: int
    left: int
    publishes: tuple[SegmentPublish, ...] = ()


class SegmentHistory(msgspec.Struct, frozen=True):
    """The days of a segment in order, or where they were asked for, its counts."""

    segment: str
    days: list[SegmentDay]
    hours: list[SegmentHour]


class Size(msgspec.Struct, frozen=True):
    """How many people were in a segment when it was counted last, at `at` (ms)."""

    people: int
    at: int


class Days(msgspec.Struct, frozen=True):
    """From one local day to another (`2026-11-29`); empty: the last ninety."""

    first: str = ""
    last: str = ""


async def history(site: LiveSite, segment: str, days: Days, by: Literal["day", "hour"] = "day") -> SegmentHistory:
    """Return how a segment went. Raises LenticularError for what is no segment or no day, EventsUnavailableError."""
    check_segment(site, segment)
    calendar, events = site.engine.segments.calendar, site.stores.events
    last = day_number_of(days.last, "to") if days.last else calendar.day(site.clock())
    first = day_number_of(days.first, "from") if days.first else last - _DAYS + 1
    start, end = calendar.start_of(first), calendar.start_of(last + 1)
    publishes = await _publishes(site, segment, start, end)
    if by == "hour":
        rows = await ask(events, hours_query(segment, start, end))
        ends = [start - 1, *(int(row[0]) for row in rows)]
        hours = []
        for (at, size, known, joined, left), before in zip(rows, ends, strict=False):
            own = tuple(one for one in publishes if before < one.at <= at)
            hours.append(SegmentHour(at, size, known, joined, left, own))
        return SegmentHistory(segment, [], hours)
    query = days_query(segment, first, last, await is_merged(events))
    found = [tuple(map(int, row)) for row in await ask(events, query)]
    return SegmentHistory(segment, [_day(at, row, publishes, calendar) for at, row in enumerate(found)], [])


def _day(at: int, row: tuple[int, ...], publishes: Sequence[SegmentPublish], calendar: Calendar) -> SegmentDay:
    day, counted, size, before, joined, left = row
    own = tuple(one for one in publishes if calendar.day(one.at) == day)
    if at == 0:
        return SegmentDay(day_text(day), counted, size, None, None, None, own)
    return SegmentDay(day_text(day), counted, size, day_text(before), joined, left, own)


async def _publishes(site: LiveSite, segment: str, start: int, end: int) -> list[SegmentPublish]:
    """Return the publishes in [start, end) that changed a segment or one that it names, the earliest first."""
    store = site.stores.catalogs
    found = []
    for key in _named(site, segment):
        stored = await site.in_store(store.find, site.key, "segments", key)
        if stored is None:
            continue
        for one in await site.in_store(store.revisions, stored.id, None, _MOST_REVISIONS):
            if start <= one.at < end:
                sentence = one.sentences.get("en", "")
                found.append(SegmentPublish(one.at, one.publication, key, one.author.name, sentence))
    return sorted(found, key=lambda one: (one.at, one.key))


def _named(site: LiveSite, segment: str) -> list[str]:
    """Return a segment and those that it names, to any depth."""
    trees = site.engine.segments.trees
    found, waiting = {segment: None}, [segment]
    while waiting:
        for key in segments_in(trees[waiting.pop()]):
            if key not in found:
                found[key] = None
                waiting.append(key)
    return list(found)


async def newest_sizes(site: LiveSite, keys: Sequence[str]) -> dict[str, Size]:
    """Return the newest count of each of some segments that has been counted. Raises EventsUnavailableError."""
    rows = await ask(site.stores.events, newest_sizes_query(keys)) if keys else []
    return {segment: Size(int(size), int(at)) for segment, at, size in rows}


def check_segment(site: LiveSite, segment: str) -> None:
    """See that there is a segment. Raises LenticularError."""
    if segment not in site.engine.segments.trees:
        raise LenticularError(unknown_segment(segment, site.engine))


def day_number_of(text: str, place: str) -> int:
    """Return the number of a day that is written like 2026-11-29. Raises LenticularError."""
    try:
        return (date.fromisoformat(text) - _EPOCH).days
    except ValueError:
        message = f"{text!r:.40} is not a day."
        raise LenticularError(Problem("history.day", message, place, "Write it like 2026-11-29.")) from None


def day_text(day: int) -> str:
    """Return a day's number as 2026-11-29."""
    return (_EPOCH + timedelta(days=day)).isoformat()
