"""The value that a condition looks at, for one person at one moment: what an explanation shows."""

from __future__ import annotations

from typing import Any, cast

from lenticular.criteria import calendar as days
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.check_values import pattern
from lenticular.criteria.lower import lower
from lenticular.criteria.operands import Condition, is_moment, key_of
from lenticular.criteria.operators import OPERATORS, holds
from lenticular.criteria.person import Person
from lenticular.criteria.tally.count import read_recent, read_total
from lenticular.criteria.tree import Call, Count, Moment
from lenticular.criteria.types import Schema
from lenticular.criteria.window import bounds, moment, reach


class Look(Person, frozen=True, kw_only=True):
    """A person, looked at by one site's rules at one moment (`now`, ms)."""

    schema: Schema
    calendar: Calendar
    now: int

    def verdict(self, one: Condition, tally_key: str) -> bool:
        """Return whether a condition holds."""
        value = self.value(one, tally_key)
        row = OPERATORS[one.operator]
        if value is None:
            return bool(row.negates)
        if isinstance(one.left, Call | Count) or one.compared == one.kind:
            return holds(one.operator, value, self._right(one))
        return holds(one.operator, self.calendar.day(value), self._right(one))

    def value(self, one: Condition, tally_key: str) -> Any:
        """Return the value of a condition's left side, None if it is missing."""
        if isinstance(one.left, Count):
            return float(self.count(one.left, tally_key))
        source = (
            self.session if (one.left.of if isinstance(one.left, Call) else one.left).scope == "session" else self.user
        )
        raw = source.get(key_of(one.left, one.kind))
        if raw is None or not isinstance(one.left, Call):
            return raw
        return self._called(one.left.function, one.kind, raw)

    def count(self, count: Count, tally_key: str) -> int:
        """Return how often something happened."""
        state = self.tallies.get(tally_key)
        if reach(count.window) is None:
            return read_total(state, self.now + 1)
        return read_recent(state, *bounds(count.window, self.now, self.calendar, self.session_start))

    def _called(self, function: str, kind: str, raw: Any) -> Any:
        if function == "lower":
            return lower(raw)
        if function == "size":
            return float(len(raw))
        if function == "hour":
            return float(self.calendar.hour(raw))
        day = self.calendar.day(raw) if kind == "datetime" else raw
        today = self.calendar.day(self.now)
        match function:
            case "weekday":
                return days.weekday(day)
            case "month":
                return float(days.month_of(day))
            case "day":
                return float(days.day_of_month(day))
            case "age":
                return float(days.age(day, today))
        return float(days.days_until_anniversary(day, today))

    def _right(self, one: Condition) -> Any:
        value = one.right
        if is_moment(value):
            found = moment(cast(Moment, value), self.now, self.calendar)
            return self.calendar.day(found) if one.compared == "date" and one.right_kind == "datetime" else found
        if isinstance(value, tuple):
            return frozenset(value)
        return pattern(str(value)) if one.operator == "matches" else value
