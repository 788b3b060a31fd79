"""How a conformance case is read: a rule, and what somebody is known for and did, in plain values.

`{"rule", "has", "events": [[time, name, fields, context]], "session", "started", "organizations", "lists", "withheld",
"at", "zone"}`, all but the rule optional. Values are written as in rules' texts and typed by SCHEMA.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from lenticular.criteria.calendar import Calendar, calendar_of
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments, read_rule
from lenticular.criteria.tables import Type, stored_key
from lenticular.criteria.tree import Field, Node, Scope
from lenticular.criteria.types import Schema
from lenticular.profiles.event import Event
from tests.cases.read import cases
from tests.criteria.reference import Visitor
from tests.criteria.reference_past import Happened

SCHEMA = Schema(
    types={
        ("user", "balance"): "number",
        ("user", "email"): "text",
        ("user", "orders"): "objects",
        ("organization", "tier"): "text",
        ("organization", "country"): "text",
        ("organization", "vat"): "text",
        ("organization", "size"): "number",
        ("organization", "founded"): "date",
        ("organization", "path"): "list",
        ("organization", "sites"): "objects",
        ("session", "local_date"): "date",
        ("session", "local_hour"): "number",
        ("session", "local_weekday"): "text",
        ("event", "price"): "number",
        ("event", "revenue"): "number",
        ("event", "category"): "text",
        ("event", "gift"): "boolean",
        ("event", "day"): "date",
        ("event", "at"): "datetime",
        ("event", "sizes"): "list",
        ("event", "topics"): "list",
        ("event", "products"): "objects",
    },
    purposes={
        ("user", "email"): "analytics",
        ("organization", "vat"): "analytics",
        ("event", "revenue"): "analytics",
    },
)
SEGMENTS = {
    "rich": "user.balance > 1_000",
    "not-rich": 'not segment("rich")',
    "vips": "not True",  # criteria that nobody meets: who is on the list, is on it by name
}
ELEMENT: dict[str, Type] = {
    "category": "text",
    "price": "number",
    "gift": "boolean",
    "day": "date",
    "at": "datetime",
    "sizes": "list",
}
BITS = {"analytics": 1, "personalization": 2}
CASES = {
    str(case.id): case.values
    for name in ("measures", "sequences", "belonging")
    for case in cases(f"criteria/{name}.json")
}
"""By name: a case, and whether somebody like that belongs."""


class Case(msgspec.Struct):
    """One case, read."""

    trees: dict[str, Node]
    calendar: Calendar
    now: int
    events: list[Event]
    visitor: Visitor
    start: int | None

    def segments(self) -> Segments:
        """Return the compiled rules; the case's own is called `it`."""
        return Segments(self.trees, SCHEMA, self.calendar)

    def person(self, segments: Segments, turned: bool = False) -> Person:
        """Return what rules can read, the events folded in their order or from the last to the first."""
        tallies: dict[str, Any] = {}
        for event in self.events[:: -1 if turned else 1]:
            segments.plan.step(tallies, event)
        return Person(
            self.visitor.traits,
            self.visitor.sessions[0][1] if self.visitor.sessions else {},
            self.start,
            tallies,
            organizations=self.visitor.organizations,
            withheld=self.visitor.withheld,
            lists=self.visitor.lists,
            interests=self._views(),
        )

    def _views(self) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = {}
        for event in self.events:
            topics: Any = event.properties.get("l_topics", [])
            if event.time <= self.now and event.name != "Impression":
                for topic in dict.fromkeys(topics[:20]):
                    days, day = found.setdefault(topic, {}), self.calendar.day(event.time)
                    days[day] = days.get(day, 0) + 1
        return found


def read_case(name: str) -> Case:
    """Read a case by its name."""
    return read(name, CASES[name][0])


def read(name: str, given: dict[str, Any]) -> Case:
    """Read a case; its name goes into the message ids."""
    trees: dict[str, Node] = {}
    for key, rule in {**SEGMENTS, "it": given["rule"]}.items():
        trees[key] = read_rule(rule, SCHEMA, trees)
    now = milliseconds(given.get("at", "2026-03-15T12:00Z"))
    events = [_event(f"{name} {at}", now, *row) for at, row in enumerate(given.get("events", []))]
    session: dict[str, Any] | None = given.get("session")
    start = None if session is None else milliseconds(given["started"]) if "started" in given else now
    visitor = Visitor(
        typed("user", given.get("has", {})),
        [Happened(one.time, one.message_id, one.name, one.properties, one.context) for one in events],
        [] if start is None or session is None else [(start, typed("session", session))],
        [typed("organization", one) for one in given.get("organizations", [])],
        frozenset(given.get("lists", [])),
        sum(BITS[purpose] for purpose in given.get("withheld", [])),
    )
    return Case(trees, calendar_of(given.get("zone", "UTC")), now, events, visitor, start)


def _event(message_id: str, now: int, time: str, name: str, *values: dict[str, Any]) -> Event:
    fields, context = (*values, {}, {})[:2]
    return Event(
        type="track",
        message_id=message_id,
        time=milliseconds(time),
        received=min(milliseconds(time), now),
        name=name,
        properties=typed("event", fields),
        context=typed("context", context),
    )


def typed(scope: Scope, given: dict[str, Any]) -> dict[str, Any]:
    """Return plain values as they are stored; what nothing registered is text."""
    kinds = {name: SCHEMA.type_of(Field(scope, name)) or "text" for name in given}
    return {stored_key(name, kinds[name]): _value(kinds[name], value) for name, value in given.items()}


def _value(kind: Type, value: Any) -> Any:
    match kind:
        case "date":
            return date.fromisoformat(value).toordinal() - date(1970, 1, 1).toordinal()
        case "datetime":
            return milliseconds(value)
        case "number":
            return float(value)
        case "objects":
            return [
                {stored_key(name, ELEMENT[name]): _value(ELEMENT[name], inner) for name, inner in one.items()}
                for one in value
            ]
    return value


def milliseconds(text: str) -> int:
    """Return the milliseconds of an ISO 8601 instant."""
    return (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
