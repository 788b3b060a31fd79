"""One rule, one answer: every case by the generated function, by the explanation and by ClickHouse."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.explain import explain
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments, read_rule
from lenticular.criteria.sql import Question, members_query
from lenticular.criteria.tables import Type, stored_key
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Between, Call, Compare, Field, operand_of, walk
from lenticular.criteria.types import FUNCTIONS, Schema
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.cases.read import cases
from tests.criteria.conftest import Store
from tests.criteria.reference import Reference, Visitor
from tests.criteria.rows import batch, profile_row, session_row

SCHEMA = Schema(
    types={
        ("user", "city"): "text",
        ("user", "shirt.size"): "text",
        ("user", "any `name' \"x"): "text",
        ("user", "balance"): "number",
        ("user", "größe ~7E"): "number",
        ("user", "open"): "boolean",
        ("user", "born"): "date",
        ("user", "since"): "datetime",
        ("user", "tags"): "list",
    }
)
CASES = {str(case.id): case.values for case in cases("criteria/verdicts.json")}
"""By name: `{"rule", "has", "at", "zone"}` and whether someone who has that belongs."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _ms(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def _stored(scope: Any, given: dict[str, Any]) -> dict[str, Any]:
    values = {}
    for name, value in given.items():
        kind: Type | None = SCHEMA.type_of(Field(scope, name))
        assert kind, name
        match kind:
            case "date":
                value = date.fromisoformat(value).toordinal() - date(1970, 1, 1).toordinal()
            case "datetime":
                value = _ms(value)
            case "number":
                value = float(value)
        values[stored_key(name, kind)] = value
    return values


def _person(given: dict[str, Any]) -> Person:
    has = dict(given["has"])
    session = has.pop("session", None)
    at = _ms(given.get("at", "2026-03-15T12:00Z"))
    return Person(_stored("user", has), _stored("session", session or {}), None if session is None else at)


def _segments(given: dict[str, Any], name: str = "it") -> tuple[Segments, int]:
    trees = {name: read_rule(given["rule"], SCHEMA, {})}
    zone, at = given.get("zone", "UTC"), given.get("at", "2026-03-15T12:00Z")
    return Segments(trees, SCHEMA, calendar_of(zone)), _ms(at)


def test_the_generated_function() -> None:
    for name, (given, expected) in CASES.items():
        segments, now = _segments(given)
        assert ("it" in segments.matching(["it"], _person(given), now)) is expected, name


def test_the_reference() -> None:
    for name, (given, expected) in CASES.items():
        segments, now = _segments(given)
        person, reference = _person(given), Reference(segments.trees, SCHEMA, segments.calendar.zone)
        sessions = [] if person.session_start is None else [(person.session_start, person.session)]
        visitor = Visitor(person.user, sessions=sessions)
        assert reference.member(segments.trees["it"], visitor, now) is expected, name


def test_the_explanation() -> None:
    for name, (given, expected) in CASES.items():
        segments, now = _segments(given)
        assert explain(segments, "it", _person(given), now).member is expected, name


def test_all_rules_in_one_function() -> None:
    """Shared locals and constants of many rules don't disturb each other."""
    alike = {name: given for name, (given, _) in CASES.items() if "zone" not in given and "at" not in given}
    trees = {name: read_rule(given["rule"], SCHEMA, {}) for name, given in alike.items()}
    segments = Segments(trees, SCHEMA, calendar_of("UTC"))
    for name, given in alike.items():
        found = segments.matching(trees, _person(given), _ms("2026-03-15T12:00Z"))
        assert (name in found) is CASES[name][1], name


def test_clickhouse(store: Store) -> None:
    run, child = store
    run(_clickhouse(ClickHouseEvents(child, "verdicts")))


async def _clickhouse(events: ClickHouseEvents) -> None:
    people = dict(enumerate(CASES, start=1))
    persons = {key: _person(CASES[name][0]) for key, name in people.items()}
    limit = asyncio.Semaphore(8)

    async def ask(key: int, name: str) -> None:
        given, expected = CASES[name]
        segments, now = _segments(given)
        query = members_query(Question(segments.trees["it"], {}, SCHEMA, segments.calendar, now), limit=10_000)
        async with limit:
            members = {row[0] for row in await events.query(query.sql, query.parameters)}
        assert (key in members) is expected, name
        # Everyone else, of whom the case says nothing: both engines say the same.
        others = {one for one, person in persons.items() if not person.session_start}
        engine = {one for one in others if segments.matching(["it"], persons[one], now)}
        assert members & others == engine, name

    try:
        await events.open()
        await events.insert(batch("profiles", (profile_row(key, dict(one.user)) for key, one in persons.items())))
        sessions = [(key, one) for key, one in persons.items() if one.session_start is not None]
        rows = (session_row(key, one.session_start or 0, dict(one.session)) for key, one in sessions)
        await events.insert(batch("sessions", rows))
        await asyncio.gather(*(ask(key, name) for key, name in people.items()))
    finally:
        await events.close()


def test_every_operator_and_function_has_its_cases() -> None:
    operators: dict[str, set[bool]] = {}
    functions: dict[str, set[bool]] = {}
    for given, expected in CASES.values():
        for node in walk(parse(given["rule"]).tree):
            if isinstance(node, Compare | Between):
                names = [node.operator] if isinstance(node, Compare) else ["between"]
                for name in names:
                    operators.setdefault(name, set()).add(expected)
                operand = operand_of(node)
                if isinstance(operand, Call):
                    functions.setdefault(operand.function, set()).add(expected)
    both = {True, False}
    assert {name: operators.get(name) for name in [*OPERATORS, "between"]} == dict.fromkeys(
        [*OPERATORS, "between"], both
    )
    assert {name: functions.get(name) for name in FUNCTIONS} == dict.fromkeys(FUNCTIONS, both)
