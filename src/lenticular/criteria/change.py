"""When time alone changes a verdict: the first moment after now at which the same person gets another answer.

Each condition names the moments at which it could flip: an event leaving its window, midnight, a birthday. The rule
itself is then asked at each of them, so a moment that changes nothing is never reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lenticular.criteria.calendar import Calendar, anniversary, civil
from lenticular.criteria.duration import Duration
from lenticular.criteria.operands import Condition, conditions, key_of
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.tally.plan import tally_key
from lenticular.criteria.tree import Ago, Ahead, Between, Call, Compare, Count, Field, Today, Window, walk
from lenticular.criteria.window import duration, next_first_day, reach

_DAYS_AHEAD = 400
_YEARS_AHEAD = 130
_MOST_MOMENTS = 5_000


def next_change(segments: Segments, key: str, person: Person, now: int) -> int | None:
    """Return the first instant (ms) after `now` at which the person's membership changes by itself, or None."""
    verdict = segments.matching((key,), person, now)
    moments = sorted({moment for moment in _moments(segments, key, person, now) if moment > now})
    for moment in moments[:_MOST_MOMENTS]:
        if segments.matching((key,), person, moment) != verdict:
            return moment
    return None


def _moments(segments: Segments, key: str, person: Person, now: int) -> Iterator[int]:
    for name in in_order(segments.trees, [key]):
        for node in walk(segments.trees[name], filters=False):
            if isinstance(node, Compare | Between):
                for one in conditions(node, segments.schema):
                    yield from _of_condition(one, segments, person, now)


def _of_condition(one: Condition, segments: Segments, person: Person, now: int) -> Iterator[int]:
    calendar = segments.calendar
    if isinstance(one.left, Count):
        state = person.tallies.get(tally_key(one.left, segments.schema))
        yield from _of_count(one.left, state, calendar, now)
        return
    field = one.left.of if isinstance(one.left, Call) else one.left
    value = (person.session if field.scope == "session" else person.user).get(key_of(one.left, one.kind))
    if value is None:
        return
    today = calendar.day(now)
    if isinstance(one.left, Call):
        day = calendar.day(value) if one.kind == "datetime" else value
        if one.left.function == "age":
            _, month, of_month = civil(day)
            year = civil(today)[0]
            for ahead in range(_YEARS_AHEAD):
                yield calendar.start_of(anniversary(year + ahead, month, of_month))
        elif one.left.function == "days_until_anniversary":
            yield from (calendar.start_of(today + ahead) for ahead in range(1, _DAYS_AHEAD))
        return
    yield from _of_moment(one, one.left, value, calendar)


def _of_moment(one: Condition, field: Field, value: int, calendar: Calendar) -> Iterator[int]:
    """A property compared with today(), ago() or ahead(): it flips when that moment reaches the value."""
    match one.right:
        case Today():
            day = calendar.day(value) if one.kind == "datetime" else value
            yield from (calendar.start_of(day), calendar.start_of(day + 1))
        case Ago(text) | Ahead(text):
            step = -1 if isinstance(one.right, Ago) else 1
            edges = [value, value + 1]
            if one.compared == "date":
                day = calendar.day(value) if one.kind == "datetime" else value
                edges = [calendar.start_of(day), calendar.start_of(day + 1)]
            for edge in edges:
                yield first_when(edge, duration(text), calendar, step)


def _of_count(count: Count, state: Any, calendar: Calendar, now: int) -> Iterator[int]:
    if not state:
        return
    window: Window = count.window
    if reach(window) is None:
        yield from state[1]
        return
    yield from state  # events still to come
    match window.within:
        case "today" | "week" | "month":
            day = next_first_day(window.within, calendar.day(now))
            for _ in range(60):
                yield calendar.start_of(day)
                day = next_first_day(window.within, day)
        case str(text) if text != "session":
            yield from (first_when(time, duration(text), calendar, -1) for time in state)
        case (start, stop):
            for time in state:
                yield first_when(time, duration(start), calendar, -1)
                yield first_when(time, duration(stop), calendar, -1)


def first_when(edge: int, length: Duration, calendar: Calendar, sign: int) -> int:
    """Return the first instant whose moment a duration before (sign −1) or after it has reached `edge`."""
    if not length.months:
        return edge - sign * length.milliseconds
    low = high = edge - sign * length.longest
    span = 40 * 86_400_000 + length.longest // 8
    low, high = low - span, high + span
    while high - low > 1:
        middle = (low + high) // 2
        if calendar.before(middle, length, sign) >= edge:
            high = middle
        else:
            low = middle
    return high
