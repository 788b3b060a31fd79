"""Wrong input is refused with its place and what to do, in bounded time, whichever form it comes in; never a crash."""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.check import check
from lenticular.criteria.here import local_now
from lenticular.criteria.json import decode, from_plain
from lenticular.criteria.limits import MAX_BYTES, MAX_NODES
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments, read_rule
from lenticular.criteria.sql import Question
from lenticular.criteria.tree import Compare, Everyone, Field, Node
from lenticular.criteria.types import Schema
from lenticular.errors import Problem, RuleError
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.criteria.conftest import Store
from tests.criteria.rows import batch, profile_row
from tests.criteria.who import who

OPEN = Schema(open=True)
UTC = calendar_of("UTC")


@contextmanager
def bounded(seconds: float = 3.0, megabytes: int = 200) -> Iterator[None]:
    """Fail if a block takes more of the processor or of memory."""
    start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.process_time() - start < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < megabytes * 1024


def refusal(text: str) -> Problem:
    """Return why a text is refused."""
    with bounded(), pytest.raises(RuleError) as refused:
        read_rule(text, OPEN, {})
    return refused.value.problems[0]


@pytest.mark.parametrize(
    ("text", "code", "place", "hint"),
    [
        ("user.x == 1" + " or user.x == 1" * 9_999, "rule.length", "", "static members"),
        (" or ".join(["user.x==1"] * 5_001), "rule.nodes", "", "static members"),
        ("user.x in [" + ", ".join(map(str, range(5_000))) + "]", "rule.nodes", "line 1, column 1", "static members"),
        ("not " * 3_000 + "True", "rule.levels", "line 1, column 257", "segment of its own"),
        ("not (" * 200 + "True" + ")" * 200, "rule.levels", "line 1, column", "segment of its own"),
        ("(" * 200 + "True" + ")" * 200, "rule.levels", "line 1, column", "segment of its own"),
        ("user.x == '" + "a" * MAX_BYTES + "'", "rule.length", "", "static members"),
        ("user.x >= 1e999", "rule.syntax", "line 1, column 11", "1.8e308"),
        ("user.x in [1, -1e999]", "rule.syntax", "line 1, column", "1.8e308"),
        ("user.x == 1" + "0" * 400, "rule.syntax", "line 1, column 11", "1.8e308"),
        ("user.x == 1" + "0" * 5_000, "rule.syntax", "line 1, column", "1.8e308"),
        ("True and user.x == '\ud800'", "rule.character", "line 1, column 21", "Take it out."),
        ("True and\nuser.x == '\0'", "rule.character", "line 2, column 12", "Take it out."),
        (r'user.x == "\ud800"', "rule.syntax", "line 1, column 11", "Take it out."),
        (r'user.x in ["a", "\x00"]', "rule.syntax", "line 1, column 17", "Take it out."),
        (r'user["\ud800"] == 1', "rule.syntax", "line 1, column 1", "Take it out."),
        (r'count("A", field["\x00"] == 1) >= 1', "rule.syntax", "line 1, column 12", "Take it out."),
        (r'count("\udfff") >= 1', "rule.syntax", "line 1, column 1", "count("),
        (r'sequence(event("A"), event("\x00"))', "rule.syntax", "line 1, column 22", "event("),
        ('count("A", within="1000000y") >= 1', "rule.syntax", "line 1, column 12", "at most 200 years"),
        ('count("A", within=("999999999y", "1d")) >= 1', "rule.syntax", "line 1, column 12", "at most 200 years"),
        ('user.since > ago("9999999999999999999999s")', "rule.syntax", "line 1, column 18", "at most 200 years"),
        ('user.since > date("99999-01-01")', "rule.syntax", "line 1, column 19", "2026-01-31"),
        ('count("A", at > ago("7d")) >= 1', "rule.syntax", "line 1, column 17", "within="),
        ('count("A", day == today()) >= 1', "rule.syntax", "line 1, column 19", "within="),
        ('sum("A", x, not (born.age() > 18 or gift == True)) > 1', "rule.syntax", "line 1, column 18", "property"),
        ('sequence(event("A", at < ahead("1d")))', "rule.syntax", "line 1, column 26", "within="),
        ('count("A", o.any(day == today())) >= 1', "rule.syntax", "line 1, column 25", "within="),
        ("sequence(" + ", ".join(['event("A")'] * 17) + ")", "rule.syntax", "line 1, column 1", "Leave some out."),
        ('periods("A") >= 1', "rule.syntax", "line 1, column 1", "every="),
        ('periods("A", every="1y") >= 1', "rule.syntax", "line 1, column 14", '"1mo"'),
        ("user.x.matches('" + "(" * 10_240 + "')", "rule.pattern", "line 1, column", "RE2"),
        (r'user.x.matches(r"(a)\1")', "rule.pattern", "line 1, column 16", "back-references"),
        ('user.x.matches("a{9999}")', "rule.pattern", "line 1, column 16", "RE2"),
        ('user.x.matches("((((a{99}){99}){99}){99})")', "rule.pattern", "line 1, column 16", "RE2"),
        ("user.o.any(" * 60 + "True" + ")" * 60, "rule.syntax", "line 1, column 12", "Flatten"),
        ("user." + "o." * 3_000 + "any(True)", "rule.levels", "line 1, column 1", "segment of its own"),
    ],
    ids=lambda value: value[:40].encode("ascii", "replace").decode() if isinstance(value, str) else "",
)
def test_a_text_is_refused(text: str, code: str, place: str, hint: str) -> None:
    problem = refusal(text)
    assert problem.code == code or (code == "rule.syntax" and problem.code.startswith("rule."))
    assert problem.place.startswith(place) if place else not problem.place
    assert hint in problem.hint, problem
    str(problem).encode()  # whoever is told can read it


def field(name: str = "x", scope: str = "user") -> dict[str, Any]:
    return {"node": "field", "scope": scope, "name": name}


def compared(left: dict[str, Any], operator: str = "==", right: Any = "a") -> dict[str, Any]:
    return {"node": "compare", "left": left, "operator": operator, "right": right}


def behaviour(measure: str = "count", event: str = "A", **more: Any) -> dict[str, Any]:
    return compared({"node": "behaviour", "measure": measure, "event": event, **more}, ">=", 1)


@pytest.mark.parametrize(
    ("tree", "place"),
    [
        ({"node": "all"}, "/node"),
        ({"left": 1}, ""),
        ([], ""),
        (None, ""),
        ({"node": "and", "of": []}, ""),
        ({"node": "and", "of": [{"node": "everyone"}, {"node": "or", "of": 5}]}, "/of/1/of"),
        ({"node": "and", "of": [{"node": "everyone"}, {"node": "no"}]}, "/of/1/node"),
        (compared(field(scope="visitor")), "/left/scope"),
        (compared(field(scope="event")), "/left"),
        (compared(field("")), "/left"),
        (compared(field("a\0")), "/left"),
        (compared(field(), right="\0"), "/right"),
        (compared(field(), "in", ["a", "\0"]), "/right"),
        (compared(field(), "~="), ""),
        (compared(field(), right=None), "/right"),
        (compared(field(), "is None", 1), "/right"),
        (compared(field(), "in", []), "/right"),
        (compared(field(), "in", ["a", 1]), "/right"),
        (compared(field(), "in", [True]), "/right/0"),
        (compared(field(), "==", ["a"]), "/right"),
        (compared(field(), "==", 10**400), ""),
        (compared(field(), "in", [1, 10**400]), ""),
        (compared(field(), "<", {"value": "date", "day": "2026-02-30"}), "/right"),
        (compared(field(), "<", {"value": "datetime", "at": "2026-01-31T12:00"}), "/right"),
        (compared(field(), "<", {"value": "ago", "duration": "1000000y"}), "/right"),
        (compared(field(), "<", {"value": "then"}), "/right/value"),
        (compared({"node": "call", "function": "upper", "of": field()}), "/left"),
        (compared({"node": "call", "function": "lower", "of": {"node": "call", "function": "lower"}}), "/left/of/node"),
        (behaviour("median"), "/left"),
        (behaviour("sum"), "/left"),
        (behaviour("count", field=field("x", "event")), "/left/field"),
        (behaviour("sum", field=field("\0", "event")), "/left/field"),
        (behaviour(event=""), "/left"),
        (behaviour(event="\0"), "/left"),
        (behaviour("periods"), "/left"),
        (behaviour("periods", every="2d"), "/left/every"),
        (behaviour(every="1d"), "/left"),
        (behaviour(window={"within": "1000000y"}), "/left/window/within"),
        (behaviour(window={"within": ["1d", "2d"]}), "/left/window/within"),
        (behaviour(window={"after": {"value": "date", "day": "x"}}), "/left/window/after"),
        (behaviour(window={"after": {"value": "today"}}), "/left/window/after/value"),
        (behaviour(where=[compared(field("x", "event"), "<", {"value": "today"})]), "/left/where/0/right"),
        (behaviour(where=[compared(field("x"))]), "/left/where/0/left"),
        (behaviour(where=[behaviour()]), "/left/where/0/left"),
        (behaviour(where=[{"node": "segment", "key": "k"}]), "/left/where/0"),
        ({"node": "sequence", "steps": []}, ""),
        ({"node": "sequence", "steps": [{"event": "A"}] * 17}, ""),
        ({"node": "sequence", "steps": [{"event": "A"}], "span": "1mo"}, "/span"),
        ({"node": "sequence", "steps": [{"event": "A"}, {"event": "\0"}]}, "/steps/1"),
        ({"node": "organization", "where": []}, ""),
        ({"node": "organization", "where": [{"node": "organization", "where": [{"node": "everyone"}]}]}, "/where/0"),
        ({"node": "any", "of": field(), "where": {"node": "any", "of": field("i", "element"),
          "where": {"node": "everyone"}}}, "/where"),
        ({"node": "segment", "key": "k\0"}, ""),
        ({"node": "on_list", "key": "none"}, ""),
    ],
)  # fmt: skip
def test_a_tree_is_refused(tree: Any, place: str) -> None:
    with bounded():
        try:
            problems = tuple(check(decode(json.dumps(tree)), OPEN, {"k"}))
        except RuleError as refused:
            problems = refused.problems
    assert problems and problems[0].message
    assert problems[0].place == place, problems


@pytest.mark.parametrize(
    "raw", [b"", b"\xff", b'{"node"', b"NaN", b"[" * 100_000, b'{"node":"not","of":' * 50_000, b'"\\ud800"']
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with bounded(), pytest.raises(RuleError) as refused:
        decode(raw)
    assert refused.value.problems[0].code == "rule.json"


def test_half_of_a_surrogate_pair_in_a_tree_of_dicts() -> None:
    for tree in (compared(field("\ud800")), compared(field(), right="\ud800"), behaviour(event="\ud800")):
        [problem] = check(from_plain(tree), OPEN)
        assert "no data can have" in problem.message or "name" in problem.message


def test_the_largest_rules_are_read_compiled_and_answered() -> None:
    listed = tuple(range(MAX_NODES - 1))
    trees: dict[str, Node] = {"numbers": Compare(Field("user", "x"), "in", listed)}
    texts = ", ".join(f'"v{at}"' for at in listed)
    wide = " or ".join(f"user.x=={at}" for at in range(3_500))
    deep = "not (user.x == 1 and " * 31 + "True" + ")" * 31
    with bounded(10):
        trees |= {"texts": read_rule(f"user.t in [{texts}]", OPEN, {}), "wide": read_rule(wide, OPEN, {})}
        trees["deep"] = read_rule(deep, OPEN, {})
        segments = Segments(trees, OPEN, UTC)
        person = Person({"n_x": 3_499.0, "t_t": "v4998"})
        assert segments.matching(trees, person, 0) == {"numbers", "texts", "wide", "deep"}
        assert segments.matching(trees, Person({"n_x": 4_999.0, "t_t": "v4999"}), 0) == {"deep"}


def test_a_chain_of_a_thousand_segments_is_answered() -> None:
    trees: dict[str, Node] = {"s0": read_rule("user.x == 1", OPEN, {})}
    with bounded(10):
        for at in range(1, 1_000):
            trees[f"s{at}"] = read_rule(f'not segment("s{at - 1}")', OPEN, trees)
        segments = Segments(trees, OPEN, UTC)
        assert segments.matching(["s999"], Person({"n_x": 1.0}), 0) == frozenset()
        assert segments.matching(["s998"], Person({"n_x": 1.0}), 0) == {"s998"}


PATTERNS = [
    ("(a+)+$", "a" * 32_000 + "b", False),
    ("(a|aa)+$", "a" * 32_000 + "b", False),
    ("(a*)*b", "a" * 32_000, False),
    ("(.*)(.*)(.*)(.*)(.*)[^b]$", "b" * 32_000, False),
    ("^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 32_000, False),
    ("(?:a?){500}a{500}", "a" * 500, True),
    ("(x|y|z)*w" * 1_100, "xyz" * 10_000, False),
]


@pytest.mark.parametrize(("pattern", "text", "found"), PATTERNS)
def test_a_pattern_takes_time_with_the_length_of_the_text_alone(pattern: str, text: str, found: bool) -> None:
    segments = Segments({"it": read_rule(f'user.t.matches("{pattern}")', OPEN, {})}, OPEN, UTC)
    with bounded(2):
        assert bool(segments.matching(["it"], Person({"t_t": text}), 0)) is found


def test_any_name_of_a_time_zone_costs_nothing() -> None:
    with bounded(1, 10):
        for at in range(20_000):
            assert local_now(f"Mars/Base_{at}", 1_000_000, UTC) == 1_000_000
        assert local_now("../../etc/passwd", 1_000_000, UTC) == 1_000_000
        assert local_now("a\0", 1_000_000, UTC) == 1_000_000


def test_clickhouse_takes_no_longer(store: Store) -> None:
    """The largest lists, and the patterns above: one answer, within the time that a person waits."""
    run, child = store
    rules = {f"p{at}": f'user.t.matches("{one}")' for at, (one, _, _) in enumerate(PATTERNS)}
    listed = ", ".join(f'"v{at}"' for at in range(MAX_NODES - 2))
    rules |= {"texts": f"user.t in [{listed}]", "numbers": f"user.x in [{', '.join(map(str, range(4_990)))}]"}
    trees = {name: read_rule(rule, OPEN, {}) for name, rule in rules.items()}
    people = {at: {"t_t": text} for at, (_, text, _) in enumerate(PATTERNS, start=1)}
    others: dict[int, dict[str, Any]] = {90: {"t_t": "v4997"}, 91: {"n_x": 4_989.0}, 92: {"n_x": 4_990.0}}
    found = run(_members(ClickHouseEvents(child, "wrong"), {**people, **others}, trees))
    segments = Segments(trees, OPEN, UTC)
    everyone = {key: segments.matching(trees, Person(values), 10) for key, values in {**people, **others}.items()}
    assert found == {name: {key for key, held in everyone.items() if name in held} for name in trees}
    assert (found["texts"], found["numbers"]) == ({90}, {91})


async def _members(
    events: ClickHouseEvents, people: dict[int, dict[str, Any]], trees: dict[str, Node]
) -> dict[str, set[int]]:
    try:
        await events.open()
        await events.insert(batch("profiles", (profile_row(key, traits) for key, traits in people.items())))
        async with asyncio.timeout(20):
            return await who(events, Question(Everyone(), {}, OPEN, UTC, 10), trees)
    finally:
        await events.close()
