"""The value that a condition looks at, for one person at one moment: what an explanation shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from lenticular.criteria import calendar as days
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.check_values import pattern
from lenticular.criteria.here import LOCAL, local_now, local_part
from lenticular.criteria.interests import topics, weight
from lenticular.criteria.lower import lower
from lenticular.criteria.operands import Condition, conditions, is_moment, key_of
from lenticular.criteria.operators import OPERATORS, holds
from lenticular.criteria.person import Person
from lenticular.criteria.tables import every_key
from lenticular.criteria.tally.kept import kept
from lenticular.criteria.tally.tally import Tally
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Everyone,
    Field,
    Moment,
    Node,
    Not,
    OnList,
    Or,
    Organization,
    Sequence,
)
from lenticular.criteria.types import INTEREST, Schema
from lenticular.criteria.window import bounds, moment


class Look(Person, frozen=True, kw_only=True):
    """A person, looked at by one site's rules at one moment (`now`, ms).

    `inner` are the values of the organization or the element that is being looked at.
    """

    schema: Schema
    calendar: Calendar
    now: int
    plan: Mapping[str, Tally]
    inner: Mapping[str, Any] = {}

    def holds(self, node: Node) -> bool:
        """Return whether a part of a rule holds, that names no segment."""
        match node:
            case Everyone():
                return True
            case Not(of):
                return not self.holds(of)
            case And(of):
                return all(self.holds(part) for part in of)
            case Or(of):
                return any(self.holds(part) for part in of)
            case OnList(key):
                return key in self.lists
            case Organization(where):
                return any(self._with(one).holds(And(where)) for one in self.organizations)
            case AnyOf(of, where):
                return any(self._with(one).holds(where) for one in self.property(of, key_of(of, "objects")) or ())
            case Sequence():
                return bool(self.behaviour(node))
            case Compare() | Between():
                return all(self.verdict(one, node) for one in conditions(node, self.schema))
        raise TypeError("A segment is looked at through its own tree.")

    def _with(self, inner: Mapping[str, Any]) -> Look:
        return msgspec.structs.replace(self, inner=inner)

    def verdict(self, one: Condition, node: Compare | Between) -> bool:
        """Return whether a condition holds."""
        value = self.value(one, node)
        row = OPERATORS[one.operator]
        if value is None:
            return bool(row.negates)
        if not isinstance(one.left, Call) and one.kind == "datetime" and one.compared == "date":
            value = self.calendar.day(value)
        return holds(one.operator, value, self._right(one))

    def value(self, one: Condition, node: Compare | Between) -> Any:
        """Return the value of a condition's left side, None if it is missing."""
        source = one.left.of if isinstance(one.left, Call) else one.left
        if isinstance(one.left, Field) and one.left.scope == "element" and one.right is None:
            return True if any(key in self.inner for key in every_key(one.left.name)) else None
        raw = self.behaviour(node) if isinstance(source, Behaviour) else self.property(source, key_of(source, one.kind))
        if raw is None or not isinstance(one.left, Call):
            return raw
        return self._called(one.left.function, one.kind, raw)

    def property(self, field: Field, key: str) -> Any:
        """Return the value of a property, None if it is missing."""
        if field.scope == "session":
            if field.name in LOCAL:
                return local_part(field.name, local_now(self.session.get("t_timezone"), self.now, self.calendar))
            return self.session.get(key)
        if field.scope != "user":
            return self.inner.get(key)
        today = self.calendar.day(self.now)
        if field.name == "interests":
            return topics(self.interests, today)
        if field.name.startswith(INTEREST):
            return weight(self.interests, field.name.removeprefix(INTEREST), today)
        return self.user.get(key)

    def behaviour(self, node: Compare | Between | Sequence) -> Any:
        """Return what a behaviour gives, None if it is missing."""
        found = kept(node, self.schema)
        if found is None:
            raise TypeError("This condition asks for no behaviour.")
        first, end = bounds(found.behaviour.window, self.now, self.calendar, self.session_start)
        return self.plan[found.key].read(self.tallies.get(found.key), self.now, first, end)

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
