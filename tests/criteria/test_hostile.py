"""Names and values that try to be code: both engines take them for what they are, and say the same."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.explain import explain
from lenticular.criteria.interests import weight
from lenticular.criteria.json import decode, encode
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments, read_rule
from lenticular.criteria.sentence import sentence
from lenticular.criteria.sql import Question
from lenticular.criteria.tables import stored_key
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.tree import Everyone
from lenticular.criteria.types import Schema
from lenticular.profiles.event import Event
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.criteria.conftest import Store
from tests.criteria.reference import Reference, Visitor
from tests.criteria.reference_past import Happened
from tests.criteria.rows import batch, event_row, profile_row, session_row
from tests.criteria.who import who

NAMES = [
    *("'", "''", "\\'", "\\", "\\\\", '"', "`", "``", "{p0:String}", "{}", "{0}", "%s", "%(p0)s", "$1", "{{p1}}", "--"),
    *("/*", "*/", ";--", "x'; DROP TABLE events; --", "') OR 1=1 --", "`) OR 1 --", "1=1", "NULL", "p.traits", "a.b"),
    *(
        "\n",
        "\r",
        "\t",
        " ",
        "]",
        ")",
        "~7E",
        "^",
        "日本`",
        "é",
        "e\u0301",
        "\u0378",
        "😀",
        "class",
        "__import__",
        "left",
    ),
    *("\\x41", "\\N", "\\n", "a\\", "%", "_", "?", ":p0", "@x", "#", "None", "self", "k0", "v0", "x" * 200),
]
NOW = 1_772_000_000_000
SCHEMA = Schema(
    types={
        **{("user", name): "text" for name in NAMES},
        **{("organization", name): "text" for name in NAMES},
        **{("event", name): "text" for name in NAMES},
        ("user", "the text"): "text",
        ("user", "the tags"): "list",
        ("user", "the orders"): "objects",
        ("event", "the text"): "text",
        ("event", "topics"): "list",
    }
)


def rules_of(name: str) -> dict[str, str]:
    """Rules that only somebody who has the name everywhere meets."""
    it = json.dumps(name, ensure_ascii=False)
    pattern, nobody = (
        json.dumps(f"^{re.escape(name)}$", ensure_ascii=False),
        json.dumps(f"{name} no", ensure_ascii=False),
    )
    return {
        "trait": f"user[{it}] == {it}",
        "value": f'user["the text"] in [{it}, {nobody}] and user["the text"] != {nobody}',
        "parts": f'user["the text"].starts_with({it}) and user["the text"].ends_with({it})'
        f' and user["the text"].contains({it}) and user["the text"] == {it}',
        "pattern": f'user["the text"].matches({pattern})',
        "lower": f'user["the text"].lower() == {it} and user["the text"] == {it}',
        "list": f'user["the tags"].has({it}) and user["the tags"].has_any([{it}, {nobody}])',
        "objects": f'user["the orders"].any(field[{it}] == {it})',
        "cookie": f"session.cookies[{it}] == {it}",
        "query": f"session.query[{it}] == {it}",
        "organization": f"organization(field[{it}] == {it})",
        "event": f"count({it}) >= 1",
        "filter": f'count("A", field[{it}] == {it}, context.query[{it}].contains({it})) >= 1',
        "measure": f'first_value("A", field[{it}]) == {it} and distinct("A", field[{it}]) == 1',
        "steps": f'sequence(event("A", field[{it}] == {it}), event({it}), without=event({nobody}), within="1d")',
        "interest": f"user.interests[{it}] >= 1 and user.interests.has({it})",
        "static": f"on_list({it})",
    }


KEYS = {f"{number} {kind}": rule for number, name in enumerate(NAMES) for kind, rule in rules_of(name).items()}
TREES = {name: parse("not True").tree for name in NAMES}
RULES = {key: read_rule(rule, SCHEMA, TREES) for key, rule in KEYS.items()}


def typed(*names: str) -> dict[str, Any]:
    return {stored_key(name, "text"): name for name in names}


def events_of(number: int, name: str) -> list[Event]:
    properties: Any = {**typed(name), stored_key("topics", "list"): [name]}
    context: Any = {stored_key(f"query.{name}", "text"): name}
    return [
        Event("track", f"a {number}", NOW - 2_000, NOW - 2_000, name="A", properties=properties, context=context),
        Event("track", f"b {number}", NOW - 1_000, NOW - 1_000, name=name),
    ]


def traits_of(name: str) -> dict[str, Any]:
    kept = {stored_key("the text", "text"): name, stored_key("the tags", "list"): [name]}
    return {**typed(name), **kept, stored_key("the orders", "objects"): [typed(name)]}


def session_of(name: str) -> dict[str, Any]:
    return {stored_key(f"{prefix}.{name}", "text"): name for prefix in ("cookies", "query")}


def person(segments: Segments, number: int, name: str) -> Person:
    tallies: dict[str, Any] = {}
    for event in events_of(number, name):
        segments.plan.step(tallies, event)
    day = segments.calendar.day(NOW)
    return Person(
        traits_of(name), session_of(name), NOW, tallies, [typed(name)], lists=[name], interests={name: {day: 1}}
    )


def expected(number: int) -> set[str]:
    """Who has a name meets the rules of that name, and of no other."""
    return {key for key in KEYS if key.split()[0] == str(number)}


def test_each_name_is_read_printed_and_said() -> None:
    assert len(set(NAMES)) == len(NAMES) > 50
    for key, tree in RULES.items():
        assert parse(to_text(tree)).tree == tree, key
        assert decode(encode(tree)) == tree, key
        assert sentence(tree, SCHEMA), key


def test_the_generated_function_the_explanation_and_the_reference() -> None:
    segments = Segments({**TREES, **RULES}, SCHEMA, calendar_of("UTC"))
    reference = Reference(segments.trees, SCHEMA, "UTC")
    for number, name in enumerate(NAMES):
        one = person(segments, number, name)
        assert weight(one.interests, name, segments.calendar.day(NOW)) == 1
        assert segments.matching(RULES, one, NOW) == expected(number), name
        own = {f"{number} {kind}" for kind in rules_of(name)}
        assert all(explain(segments, key, one, NOW).member for key in own), name
        happened = [
            Happened(at.time, at.message_id, at.name, at.properties, at.context) for at in events_of(number, name)
        ]
        visitor = Visitor(one.user, happened, [(NOW, one.session)], one.organizations, frozenset([name]))
        assert all(reference.member(RULES[key], visitor, NOW) for key in own), name


def test_clickhouse(store: Store) -> None:
    run, child = store
    run(_clickhouse(ClickHouseEvents(child, "hostile")))


async def _clickhouse(events: ClickHouseEvents) -> None:
    calendar = calendar_of("UTC")
    try:
        await events.open()
        await _insert(events)
        for number, name in enumerate(NAMES):
            trees = {key: RULES[key] for key in sorted(expected(number))}
            found = await who(events, Question(Everyone(), TREES, SCHEMA, calendar, NOW), trees)
            assert found == {key: {number + 1} for key in trees}, name
        assert (await events.query("SELECT count() FROM events", {}))[0][0] == 2 * len(NAMES)
    finally:
        await events.close()


async def _insert(events: ClickHouseEvents) -> None:
    numbered = list(enumerate(NAMES))
    profiles = [
        {**profile_row(at + 1, traits_of(name)), "organizations": [f"o{at}"], "lists": [name], "withheld": 0}
        for at, name in numbered
    ]
    organizations = [{"organization_id": f"o{at}", "version": 1, "traits": typed(name)} for at, name in numbered]
    sessions = [session_row(at + 1, NOW, session_of(name)) for at, name in numbered]
    rows = [
        event_row(2 * at + second, at + 1, event, calendar_of("UTC"))
        for at, name in numbered
        for second, event in enumerate(events_of(at, name), start=1)
    ]
    for table, found in (("profiles", profiles), ("organizations", organizations), ("sessions", sessions)):
        await events.insert(batch(table, found))
    await events.insert(batch("events", rows))


@pytest.mark.parametrize("key", ["a\0", "\ud800"])
def test_what_no_store_can_hold_is_not_looked_for(key: str) -> None:
    segments = Segments({"it": read_rule("user.interests.size() >= 0", SCHEMA, {})}, SCHEMA, calendar_of("UTC"))
    assert segments.matching(["it", key], Person(), NOW) == {"it"}
