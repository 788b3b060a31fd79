"""When time alone changes a verdict: the first moment after now at which the same person gets another answer.

Each condition names the moments at which it could flip: an event leaving its window, midnight, a birthday. The rule
itself is then asked at each of them, so a moment that changes nothing is never reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lenticular.criteria.calendar import DAY, Calendar, anniversary, civil
from lenticular.criteria.duration import Duration
from lenticular.criteria.here import LOCAL, local_now
from lenticular.criteria.interests import HORIZON
from lenticular.criteria.operands import Condition, conditions, key_of
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.tally.kept import Kept, kept
from lenticular.criteria.tree import (
    Ago,
    Ahead,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Date,
    Field,
    Node,
    Organization,
    Sequence,
    Today,
    Window,
    walk,
)
from lenticular.criteria.types import INTEREST
from lenticular.criteria.window import day_of, duration, next_first_day

_DAYS_AHEAD = 400
_YEARS_AHEAD = 130
_MOST_MOMENTS = 5_000
_HOUR = 3_600_000
_LOCAL_HOURS = 8 * 24


def next_change(segments: Segments, key: str, person: Person, now: int) -> int | None:
    """Return the first instant (ms) after `now` at which the person's membership changes by itself, or None."""
    verdict = segments.matching((key,), person, now)
    moments = sorted({moment for moment in _Moments(segments, person, now).of(key) if moment > now})
    for moment in moments[:_MOST_MOMENTS]:
        if segments.matching((key,), person, moment) != verdict:
            return moment
    return None


class _Moments:
    """The moments at which the conditions of a segment could flip for one person."""

    def __init__(self, segments: Segments, person: Person, now: int) -> None:
        self.segments, self.person, self.now = segments, person, now
        self.calendar: Calendar = segments.calendar

    def of(self, key: str) -> Iterator[int]:
        """Yield the moments of a segment and of those that it names."""
        for name in in_order(self.segments.trees, [key]):
            for node in walk(self.segments.trees[name], filters=False):
                yield from self._of_node(node, self.person.user)

    def _of_node(self, node: Node, values: Mapping[str, Any]) -> Iterator[int]:
        match node:
            case Sequence():
                yield from self._of_behaviour(node)
            case Organization(where):
                for organization in self.person.organizations:
                    for part in where:
                        yield from self._inside(part, organization)
            case AnyOf(of, where):
                source = self.person.session if of.scope == "session" else values
                for element in source.get(key_of(of, "objects")) or ():
                    yield from self._inside(where, element)
            case Compare() | Between():
                found = kept(node, self.segments.schema)
                if found is not None:
                    yield from self._of_behaviour(node)
                for one in conditions(node, self.segments.schema):
                    for value in self._values(one, values, found):
                        yield from self._of_value(one, value)

    def _inside(self, node: Node, values: Mapping[str, Any]) -> Iterator[int]:
        for part in walk(node, filters=False):
            yield from self._of_node(part, values)

    def _values(self, one: Condition, values: Mapping[str, Any], found: Kept | None) -> list[Any]:
        """What the left side is, or could become as events leave their window."""
        source = one.left.of if isinstance(one.left, Call) else one.left
        if isinstance(source, Behaviour):
            return self._measured(source, found)
        if source.scope == "session":
            if source.name in LOCAL:
                return [source]
            values = self.person.session
        if source.scope == "user" and (source.name == "interests" or source.name.startswith(INTEREST)):
            return [source] if self.person.interests else []
        value = values.get(key_of(source, one.kind))
        return [] if value is None else [value]

    def _measured(self, behaviour: Behaviour, found: Kept | None) -> list[Any]:
        state = self.person.tallies.get(found.key) if found else None
        if not state or not found:
            return []
        columns, values = state, []
        tally = self.segments.plan.tallies[found.key]
        if tally.collapses:
            columns = state[1]
            values = [tally.read(state, self.now, 0, 0)]
        if behaviour.measure in ("first_time", "last_time"):
            return [*values, *columns[0]]
        if behaviour.measure in ("min", "max", "first_value", "last_value"):
            return [*values, *columns[1]]
        return []

    def _of_value(self, one: Condition, value: Any) -> Iterator[int]:
        calendar, today = self.calendar, self.calendar.day(self.now)
        if isinstance(value, Field):
            yield from (
                self._of_local(one)
                if value.scope == "session"
                else (calendar.start_of(today + ahead) for ahead in range(1, HORIZON + 2))
            )
        elif value is None:
            return
        elif isinstance(one.left, Call):
            if one.left.function == "age":
                _, month, of_month = civil(calendar.day(value) if one.kind == "datetime" else value)
                year = civil(today)[0]
                for ahead in range(_YEARS_AHEAD):
                    yield calendar.start_of(anniversary(year + ahead, month, of_month))
            elif one.left.function == "days_until_anniversary":
                yield from (calendar.start_of(today + ahead) for ahead in range(1, _DAYS_AHEAD))
        elif one.kind in ("date", "datetime"):
            yield from self._of_moment(one, value)

    def _of_local(self, one: Condition) -> Iterator[int]:
        """The visitor's own clock turns at the quarters of hours; their date is compared with days far away too."""
        zone = self.person.session.get("t_timezone")
        first = self.now - self.now % (_HOUR // 4)
        yield from (first + quarter * (_HOUR // 4) for quarter in range(1, 4 * _LOCAL_HOURS))
        if isinstance(one.right, Date):
            for day in (day_of(one.right), day_of(one.right) + 1):
                near = day * DAY - 15 * _HOUR
                yield from (
                    near + quarter * (_HOUR // 4)
                    for quarter in range(4 * 30)
                    if local_now(zone, near + quarter * (_HOUR // 4), self.calendar) // DAY >= day
                )

    def _of_moment(self, one: Condition, value: int) -> Iterator[int]:
        """A day or an instant compared with today(), ago() or ahead(): it flips when that moment reaches the value."""
        calendar = self.calendar
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

    def _of_behaviour(self, node: Compare | Between | Sequence) -> Iterator[int]:
        found = kept(node, self.segments.schema)
        state = self.person.tallies.get(found.key) if found else None
        if not state or not found:
            return
        times = (state[1] if self.segments.plan.tallies[found.key].collapses else state)[0]
        yield from times  # events still to come
        yield from self._leaving(found.behaviour.window, times)

    def _leaving(self, window: Window, times: list[int]) -> Iterator[int]:
        calendar = self.calendar
        match window.within:
            case "today" | "week" | "month":
                day = next_first_day(window.within, calendar.day(self.now))
                for _ in range(60):
                    yield calendar.start_of(day)
                    day = next_first_day(window.within, day)
            case str(text) if text != "session":
                yield from (first_when(time, duration(text), calendar, -1) for time in times)
            case (start, stop):
                for time in times:
                    yield first_when(time, duration(start), calendar, -1)
                    yield first_when(time, duration(stop), calendar, -1)


def first_when(edge: int, length: Duration, calendar: Calendar, sign: int) -> int:
    """Return the first instant whose moment a duration before (sign −1) or after it has reached `edge`."""
    if not length.months:
        return edge - sign * length.milliseconds
    low = high = edge - sign * length.longest
    span = 40 * DAY + length.longest // 8
    low, high = low - span, high + span
    while high - low > 1:
        middle = (low + high) // 2
        if calendar.before(middle, length, sign) >= edge:
            high = middle
        else:
            low = middle
    return high
