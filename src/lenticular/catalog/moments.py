"""Moments as editors write them in schedules."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from lenticular.criteria.calendar import Calendar, day_number

_FORM = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HINT = (
    'Write a day ("2026-11-27"), a time in the site\'s zone ("2026-11-27 09:00"), '
    'or a time with its offset ("2026-11-27T09:00Z").'
)


def parse_moment(text: str, calendar: Calendar) -> int | None:
    """Return the instant (ms) that a text names, or None if it names none.

    A day is its first instant in the site's zone; a time without an offset is the site's local time.
    """
    if not _FORM.fullmatch(text):
        return None
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return int((at - _EPOCH) // timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return None
    day = day_number(at.year, at.month, at.day)
    if len(text) == len("2026-11-27"):
        return calendar.start_of(day)
    return calendar.instant(((day * 24 + at.hour) * 60 + at.minute) * 60_000 + at.second * 1_000)


def parse_span(start: str | None, end: str | None, calendar: Calendar) -> tuple[int | None, int | None]:
    """Return both ends of a schedule in ms, None for an open one. Raises ValueError for what is no moment."""
    ends: list[int | None] = []
    for text in (start, end):
        at = None if text is None else parse_moment(text, calendar)
        if text is not None and at is None:
            raise ValueError(f'"{text}" is not a moment. {HINT}')
        ends.append(at)
    return ends[0], ends[1]


def covers(outer: tuple[int | None, int | None], inner: tuple[int | None, int | None]) -> bool:
    """Return whether one span contains the other."""
    starts = outer[0] is None or (inner[0] is not None and outer[0] <= inner[0])
    return starts and (outer[1] is None or (inner[1] is not None and inner[1] <= outer[1]))
