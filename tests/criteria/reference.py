"""A slow, obvious evaluator of rules, written from DESIGN §4.1–4.2 alone: both engines must agree with it.

It reads one visitor's raw history, keeps no state, compiles nothing, and takes from the project only the tree, the
types of properties, the keys of stored values, the one table of small letters and the hash that breaks ties.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

import msgspec
import re2

from lenticular.criteria.lower import lower
from lenticular.criteria.tables import TYPES, Type, stored_key
from lenticular.criteria.tree import (
    Ago,
    Ahead,
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Date,
    Datetime,
    Everyone,
    Field,
    InSegment,
    Node,
    Not,
    OnList,
    Operand,
    Or,
    Organization,
    Right,
    Today,
)
from lenticular.criteria.tree import Sequence as Steps
from lenticular.criteria.types import Schema, source_type
from tests.criteria import reference_past as past
from tests.criteria import reference_time as times
from tests.criteria.reference_consent import purposes_of
from tests.criteria.reference_past import Happened

Values = Mapping[str, Any]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BITS = {"analytics": 1, "personalization": 2}


class Visitor(msgspec.Struct, frozen=True):
    """All that is known of somebody: typed values by stored key, sessions as (start in ms, values)."""

    traits: Values = {}
    events: Sequence[Happened] = ()
    sessions: Sequence[tuple[int, Values]] = ()
    organizations: Sequence[Values] = ()
    lists: frozenset[str] = frozenset()
    withheld: int = 0


class Here(NamedTuple):
    """Where a condition is asked: of whom, when, and whose values a field names, by its scope."""

    visitor: Visitor
    now: datetime
    values: Mapping[str, Values]

    def at(self, **values: Values) -> Here:
        """Return the same with other values in reach."""
        return self._replace(values={**self.values, **values})


class Reference:
    """The rules of one site."""

    def __init__(self, trees: Mapping[str, Node], schema: Schema, zone: str) -> None:
        self.trees, self.schema, self.zone = trees, schema, ZoneInfo(zone)
        self._purposes: dict[Node, frozenset[str]] = {}

    def member(self, tree: Node, visitor: Visitor, now: int) -> bool:
        """Return whether a visitor belongs to a tree at `now` (ms)."""
        if tree not in self._purposes:
            self._purposes[tree] = purposes_of(tree, self.trees, self.schema)
        if any(BITS[purpose] & visitor.withheld for purpose in self._purposes[tree]):
            return False
        at = times.instant(now)
        begun = [session for session in visitor.sessions if times.instant(session[0]) <= at]
        session = max(begun, key=lambda one: one[0], default=(0, {}))[1]
        return self.holds(tree, Here(visitor, at, {"user": visitor.traits, "session": session}))

    def holds(self, node: Node, here: Here) -> bool:
        """Return whether a part of a tree holds."""
        match node:
            case Everyone():
                return True
            case Not(of):
                return not self.holds(of, here)
            case And(of):
                return all(self.holds(part, here) for part in of)
            case Or(of):
                return any(self.holds(part, here) for part in of)
            case InSegment(key):
                return self.holds(self.trees[key], here)
            case OnList(key):
                return key in here.visitor.lists
            case Organization(where):
                return any(
                    all(self.holds(part, here.at(organization=one)) for part in where)
                    for one in here.visitor.organizations
                )
            case AnyOf(of, where):
                objects = self.known(of, "objects", here) or []
                return any(self.holds(where, here.at(element=one)) for one in objects)
            case Steps():
                return self.happened_in_order(node, here)
            case Between(of, low, high, low_open, high_open):
                above = self.compare(of, ">" if low_open else ">=", low, here)
                return above and self.compare(of, "<" if high_open else "<=", high, here)
            case Compare(left, operator, right):
                return self.compare(left, operator, right, here)

    def compare(self, left: Operand, operator: str, right: Right, here: Here) -> bool:
        """Return whether one condition holds."""
        value, wanted = self.value(left, right, operator, here), self.right(right, here)
        if isinstance(left, Call) and left.function == "lower":
            wanted = tuple(map(lower, wanted)) if isinstance(wanted, tuple) else lower(wanted) if wanted else wanted
        if {type(value), type(wanted)} == {date, datetime}:
            value, wanted = self.local_day(value), self.local_day(wanted)
        return verdict(operator, value, wanted)

    def value(self, operand: Operand, right: Right, operator: str, here: Here) -> Any:
        """Return what a condition looks at, None if it is missing; days and instants as date and datetime."""
        source = operand.of if isinstance(operand, Call) else operand
        if isinstance(operand, Field) and operand.scope == "element" and operator in ("is None", "is not None"):
            # What objects hold has no registered type: any will do.
            kept = (self.known(operand, kind, here) for kind in TYPES)
            return next((value for value in kept if value is not None), None)
        kind = source_type(operand, right, operator, self.schema)
        found: Any = None
        match source:
            case Behaviour():
                found = self.measured(source, kind, here)
            case Field():
                found = self.known(source, kind, here)
        if found is None:
            return None
        if kind == "date":
            found = times.day_of_number(found)
        elif kind == "datetime":
            found = times.instant(found)
        return self.called(operand.function, found, here) if isinstance(operand, Call) else found

    def known(self, field: Field, kind: Type, here: Here) -> Any:
        """Return the stored value of a property, None if it is missing."""
        if field.scope == "user" and field.name == "interests":
            weights = past.interests(here.visitor.events, here.now, self.zone)
            return [topic for topic, weight in weights.items() if weight >= 0.5]
        if field.scope == "user" and field.name.startswith("interests."):
            weights = past.interests(here.visitor.events, here.now, self.zone)
            return weights.get(field.name.removeprefix("interests."), 0.0)
        values = here.values[field.scope]
        if field.scope == "session" and field.name in ("local_date", "local_hour", "local_weekday"):
            return self.local(field.name, values, here)
        return values.get(stored_key(field.name, kind))

    def local(self, name: str, session: Values, here: Here) -> Any:
        """Return the visitor's own date, hour or weekday: in the zone of their device if that is one."""
        named = session.get("t_timezone")
        local = here.now.astimezone(ZoneInfo(named) if named in available_zones() else self.zone)
        if name == "local_date":
            return (local.date() - date(1970, 1, 1)).days
        return float(local.hour) if name == "local_hour" else WEEKDAYS[local.weekday()]

    def called(self, function: str, value: Any, here: Here) -> Any:
        """Return a known value seen through a function."""
        match function:
            case "lower":
                return lower(value)
            case "size":
                return len(value)
            case "hour":
                return value.astimezone(self.zone).hour
        day, today = self.local_day(value), self.local_day(here.now)
        match function:
            case "weekday":
                return WEEKDAYS[day.weekday()]
            case "day":
                return day.day
            case "month":
                return day.month
            case "age":
                return times.age(day, today)
            case "days_until_anniversary":
                return times.days_until_anniversary(day, today)
        raise ValueError(function)

    def right(self, right: Right, here: Here) -> Any:
        """Return what a right side means now."""
        match right:
            case Date(day):
                return date.fromisoformat(day)
            case Datetime(at):
                return times.literal_instant(at)
            case Today():
                return self.local_day(here.now)
            case Ago(duration):
                return times.shifted(here.now, duration, -1, self.zone)
            case Ahead(duration):
                return times.shifted(here.now, duration, 1, self.zone)
        return right

    def local_day(self, value: date) -> date:
        """Return a day as it is, of an instant the local day."""
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    def events(self, name: str, where: tuple[Node, ...], here: Here) -> list[Happened]:
        """Return the events of a name up to now that pass all filters, in order."""
        passed = [
            event
            for event in here.visitor.events
            if event.name == name
            and times.instant(event.time) <= here.now
            and all(self.holds(part, here.at(event=event.properties, context=event.context)) for part in where)
        ]
        return past.in_order(passed)

    def within(self, events: list[Happened], window: Any, here: Here) -> list[Happened]:
        """Return those events that lie in a window."""
        begun = [start for start, _ in here.visitor.sessions if times.instant(start) <= here.now]
        session = times.instant(max(begun)) if begun else None
        return [event for event in events if past.in_window(event, window, here.now, session, self.zone)]

    def measured(self, one: Behaviour, kind: Type, here: Here) -> Any:
        """Return what a behaviour gives; `kind` is the type of that."""
        events = self.within(self.events(one.event, one.where, here), one.window, here)
        if one.field is None:
            return past.measure_events(one.measure, events, one.every, self.zone)
        if one.measure in ("sum", "avg"):
            kind = "number"
        elif one.measure == "distinct":
            kind = self.schema.type_of(one.field) or "text"
        known = [
            self.known(one.field, kind, here.at(event=event.properties, context=event.context)) for event in events
        ]
        return past.measure_values(one.measure, [value for value in known if value is not None])

    def happened_in_order(self, sequence: Steps, here: Here) -> bool:
        """Return whether some chain of events fills the steps."""
        steps = [
            self.within(self.events(step.event, step.where, here), sequence.window, here) for step in sequence.steps
        ]
        without = self.events(sequence.without.event, sequence.without.where, here) if sequence.without else []
        return past.chained(steps, without, sequence.span)


@lru_cache(maxsize=1)
def available_zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def verdict(operator: str, value: Any, wanted: Any) -> bool:
    """Return whether an operator holds; whatever a missing value is compared with, it does not, but its denials do."""
    match operator:
        case "is None":
            return value is None
        case "is not None":
            return value is not None
        case "!=":
            return not verdict("==", value, wanted)
        case "not in":
            return not verdict("in", value, wanted)
    if value is None:
        return False
    match operator:
        case "==":
            return bool(value == wanted)
        case "<":
            return bool(value < wanted)
        case "<=":
            return bool(value <= wanted)
        case ">":
            return bool(value > wanted)
        case ">=":
            return bool(value >= wanted)
        case "in":
            return any(value == one for one in wanted)
        case "contains":
            return wanted in value
        case "starts_with":
            return bool(value[: len(wanted)] == wanted)
        case "ends_with":
            return bool(value[len(value) - len(wanted) :] == wanted) if len(value) >= len(wanted) else False
        case "matches":
            return _pattern(wanted).search(value) is not None
        case "has":
            return wanted in value
        case "has_any":
            return any(one in value for one in wanted)
        case "has_all":
            return all(one in value for one in wanted)
    raise ValueError(operator)


@lru_cache(maxsize=256)
def _pattern(text: str) -> re2._Regexp:
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    return re2.compile(text, options)


def utc(text: str) -> int:
    """Return the milliseconds of an ISO 8601 instant."""
    return int((datetime.fromisoformat(text).astimezone(UTC) - times.EPOCH).total_seconds() * 1_000)
