"""When time alone changes a verdict: the first moment after now at which the same person gets another answer.

Each condition names the moments at which it could flip: an event leaving its window, midnight, a birthday. The rule
itself is then asked at each of them, so a moment that changes nothing is never reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from lenticular.criteria.calendar import DAY, Calendar, anniversary, civil, day_number, days_in_month
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
_MOST_MOMENTS = 20_000
_HOUR = 3_600_000
_LOCAL_HOURS = 8 * 24
_MOST_ROUNDS = 100


def next_change(segments: Segments, key: str, person: Person, now: int) -> int | None:
    """Return the first instant (ms) after `now` at which the person's membership changes by itself, or None."""
    verdict = segments.matching((key,), person, now)
    sought = _Moments(segments, person, now)
    found = {moment for moment in sought.of(key) if moment > now}
    if sought.asks_for_clock:
        # Once something else has turned, the visitor's clock may still have to come round.
        for moment in (now, *sorted(found)[:_MOST_ROUNDS]):
            found.update(turn for turn in sought.turns_of_clock(moment) if turn > now)
    for moment in sorted(found)[:_MOST_MOMENTS]:
        if segments.matching((key,), person, moment) != verdict:
            return moment
    return None


class _Moments:
    """The moments at which the conditions of a segment could flip for one person."""

    def __init__(self, segments: Segments, person: Person, now: int) -> None:
        self.segments, self.person, self.now = segments, person, now
        self.calendar: Calendar = segments.calendar
        self.asks_for_clock = False
        """Whether any condition reads the visitor's own hour, date or weekday."""
        self._shifts: set[tuple[Duration, int]] = set()

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

    def turns_of_clock(self, moment: int) -> Iterator[int]:
        """Yield when the visitor's own clock strikes an hour, for eight days after a moment.

        And when the day begins that a date of theirs is compared with.
        """
        first = self.calendar.day(moment)
        for length, sign in self._shifts:
            for day in range(first - 1, first + 10):
                yield from crossings(self.calendar.start_of(day), length, self.calendar, sign)
        zone = self.person.session.get("t_timezone")
        for _ in range(_LOCAL_HOURS):
            # Where clocks are changed by half an hour, the next hour begins half an hour from here.
            turned = local_now(zone, moment, self.calendar)
            half = moment + _HOUR // 2 - turned % (_HOUR // 2)
            yield half
            moment += _HOUR - turned % _HOUR
            yield moment

    def _of_local(self, one: Condition) -> Iterator[int]:
        """The visitor's date is compared with days far away too, and with days that begin at another moment."""
        self.asks_for_clock = True
        if isinstance(one.right, Ago | Ahead):
            self._shifts.add((duration(one.right.duration), -1 if isinstance(one.right, Ago) else 1))
        if isinstance(one.right, Date):
            zone = self.person.session.get("t_timezone")
            for day in (day_of(one.right), day_of(one.right) + 1):
                near = day * DAY - 15 * _HOUR
                quarters = (near + quarter * (_HOUR // 4) for quarter in range(4 * 30))
                yield from (at for at in quarters if local_now(zone, at, self.calendar) // DAY >= day)

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
                    yield from crossings(edge, duration(text), calendar, step)

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
                for time in times:
                    yield from crossings(time, duration(text), calendar, -1)
            case (start, stop):
                for time in times:
                    yield from crossings(time, duration(start), calendar, -1)
                    yield from crossings(time, duration(stop), calendar, -1)


def crossings(edge: int, length: Duration, calendar: Calendar, sign: int) -> list[int]:
    """Return the instants at which the moment a duration before (sign −1) or after them may pass `edge`.

    Months are clamped to their last day: on 30 and 31 December it is a month after 30 November, so that an event of
    that day can leave a window, come back at midnight, and leave again. Clocks that are changed do the like.
    """
    if not length.months:
        return [edge - sign * length.milliseconds]
    year, month, of_month = civil(calendar.day(edge))
    year, month = divmod(year * 12 + month - 1 - sign * length.months, 12)
    middle = day_number(year, month + 1, min(of_month, days_in_month(year, month + 1)))
    starts = [calendar.start_of(day) for day in range(middle - 4, middle + 6)]
    changes = [at for at in calendar.transitions if starts[0] < at < starts[-1]]
    found = []
    for low, high in pairwise(sorted({*starts, *changes})):  # in between, the moment only goes on
        found += [low, _first_passing(edge, low, high, length, calendar, sign)]
    return found


def _first_passing(edge: int, low: int, high: int, length: Duration, calendar: Calendar, sign: int) -> int:
    """Return the first instant of `low … high` whose moment has reached `edge`; `high` if none has."""
    while high > low:
        middle = (low + high) // 2
        if calendar.before(middle, length, sign) >= edge:
            high = middle
        else:
            low = middle + 1
    return high
