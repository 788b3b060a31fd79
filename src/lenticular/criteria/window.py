"""The instants between which a behaviour counts, as one half-open interval of milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.criteria.duration import Duration, parse_duration
from lenticular.criteria.tree import Ago, Ahead, Date, Datetime, Moment, Today, Window

Bounds = Callable[[int, int | None], tuple[int, int]]
"""Takes now and the session's start (ms), returns first and end (ms)."""

EVER = -(2**62)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def bounds(window: Window, now: int, calendar: Calendar, session_start: int | None) -> tuple[int, int]:
    """Return (first, end): an event counts if `first <= time < end`. Nothing after `now` counts.

    `within="7d"` is (now − 7d, now], a span ("60d", "30d") is (now − 60d, now − 30d]; today, week (from Monday),
    month are [first instant, now] in the zone; session is [start of the latest session, now], and empty (end before
    first) for someone who never had one. All given parts intersect.
    """
    return reader(window, calendar)(now, session_start)


def reader(window: Window, calendar: Calendar) -> Bounds:
    """Return `bounds` of one window, with everything read and worked out that does not depend on now."""
    after, before = edges(window, calendar)
    within = _within(window, calendar)

    def read(now: int, session_start: int | None) -> tuple[int, int]:
        first, end = within(now, session_start)
        return max(first, after), min(end, before)

    return within if (after, before) == (EVER, -EVER) else read


def _within(window: Window, calendar: Calendar) -> Bounds:
    match window.within:
        case None:
            return lambda now, session_start: (EVER, now + 1)
        case "session":
            return lambda now, session_start: (now + 1 if session_start is None else session_start, now + 1)
        case "today" | "week" | "month" as name:
            return lambda now, session_start: (calendar.start_of(first_day(name, calendar.day(now))), now + 1)
        case str(text):
            long = duration(text)
            if not long.months:
                back = long.milliseconds - 1
                return lambda now, session_start: (now - back, now + 1)
            return lambda now, session_start: (calendar.before(now, long) + 1, now + 1)
        case (start, stop):
            far, near = duration(start), duration(stop)
            return lambda now, session_start: (calendar.before(now, far) + 1, calendar.before(now, near) + 1)


def edges(window: Window, calendar: Calendar) -> tuple[int, int]:
    """Return the fixed part of a window, that of `after=` and `before=`, as first and end."""
    after = EVER if window.after is None else edge(window.after, calendar)
    before = -EVER if window.before is None else edge(window.before, calendar)
    return after, before


def edge(value: Date | Datetime, calendar: Calendar) -> int:
    """Return the first instant of a day, or the instant itself."""
    return calendar.start_of(day_of(value)) if isinstance(value, Date) else instant_of(value)


def first_day(name: str, today: int) -> int:
    """Return the day on which today's day, week (Monday) or month began."""
    if name == "week":
        return today - (today + 3) % 7
    if name == "month":
        return today - date.fromordinal(today + _EPOCH_DAY).day + 1
    return today


def next_first_day(name: str, today: int) -> int:
    """Return the day on which the next day, week or month begins."""
    if name == "month":
        return first_day("month", first_day("month", today) + 31)
    return first_day(name, today) + (7 if name == "week" else 1)


def reach(window: Window) -> int | None:
    """Return how many milliseconds back from now a window can reach, or None for ever."""
    match window.within:
        case None:
            return None
        case "today" | "session":
            return 2 * DAY  # a local day is at most 25 hours, but a zone may leave one out
        case "week":
            return 8 * DAY
        case "month":
            return 32 * DAY
        case str(text):
            return duration(text).longest
        case (start, _):
            return duration(start).longest


def duration(text: str) -> Duration:
    """Return a duration that has been checked before. Raises ValueError for one that has not."""
    parsed = parse_duration(text)
    if parsed is None:
        raise ValueError(f"{text!r} is not a duration")
    return parsed


def day_of(value: Date) -> int:
    """Return the day number of a `date("...")`."""
    return date.fromisoformat(value.day).toordinal() - _EPOCH_DAY


def instant_of(value: Datetime) -> int:
    """Return the milliseconds of a `datetime("...")`; finer parts are cut off."""
    return (datetime.fromisoformat(value.at) - _EPOCH) // timedelta(milliseconds=1)


def moment(value: Moment, now: int, calendar: Calendar) -> int:
    """Return what a time function means at `now`: a day number for date and today, else an instant in ms."""
    return momentary(value, calendar)(now)


def momentary(value: Moment, calendar: Calendar) -> Callable[[int], int]:
    """Return `moment` of one value, with everything read that does not depend on now."""
    match value:
        case Date():
            fixed = day_of(value)
            return lambda now: fixed
        case Today():
            return calendar.day
        case Datetime():
            instant = instant_of(value)
            return lambda now: instant
        case Ago(text):
            back = duration(text)
            return lambda now: calendar.before(now, back)
        case Ahead(text):
            ahead = duration(text)
            return lambda now: calendar.before(now, ahead, sign=1)
