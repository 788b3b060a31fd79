"""The JSON form: what it looks like, and that nothing malformed gets in."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.criteria.check import check
from lenticular.criteria.json import decode, encode, from_plain
from lenticular.criteria.text import parse
from lenticular.criteria.types import Schema
from lenticular.errors import RuleError

X: dict[str, Any] = {"node": "field", "scope": "user", "name": "x"}
COUNT: dict[str, Any] = {"node": "behaviour", "measure": "count", "event": "A"}
EVERYONE = {"node": "everyone"}
SCHEMA = Schema(
    types={
        ("user", "x"): "number",
        ("user", "t"): "text",
        ("user", "l"): "list",
        ("user", "d"): "date",
        ("user", "i"): "datetime",
    }
)


def _is(operator: str, right: Any, left: Any = X) -> dict[str, Any]:
    return {"node": "compare", "left": left, "operator": operator, "right": right}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("True", EVERYONE),
        ("user.x == 5", _is("==", 5)),
        ('user["any name"] is None', {"node": "compare", "left": {**X, "name": "any name"}, "operator": "is None"}),
        ('user.x in ["a", "b"]', _is("in", ["a", "b"])),
        ('user.x.lower() == "a"', _is("==", "a", {"node": "call", "function": "lower", "of": X})),
        ('user.x < ago("7d")', _is("<", {"value": "ago", "duration": "7d"})),
        ('user.x < ahead("7d")', _is("<", {"value": "ahead", "duration": "7d"})),
        ("user.x == today()", _is("==", {"value": "today"})),
        ('user.x == date("2026-01-31")', _is("==", {"value": "date", "day": "2026-01-31"})),
        ('user.x == datetime("2026-01-31T12:00Z")', _is("==", {"value": "datetime", "at": "2026-01-31T12:00Z"})),
        ("1 <= user.x < 5", {"node": "between", "of": X, "low": 1, "high": 5, "high_open": True}),
        ('segment("a")', {"node": "segment", "key": "a"}),
        ("not True", {"node": "not", "of": EVERYONE}),
        ("True and True", {"node": "and", "of": [EVERYONE, EVERYONE]}),
        ("True or True", {"node": "or", "of": [EVERYONE, EVERYONE]}),
        (
            'count("A", price > 5, within=("60d", "30d"), after=date("2026-01-01")) >= 1',
            _is(
                ">=",
                1,
                {
                    **COUNT,
                    "where": [_is(">", 5, {"node": "field", "scope": "event", "name": "price"})],
                    "window": {"within": ["60d", "30d"], "after": {"value": "date", "day": "2026-01-01"}},
                },
            ),
        ),
    ],
)
def test_the_form(text: str, plain: Any) -> None:
    tree = parse(text).tree
    assert msgspec.json.decode(encode(tree)) == plain
    assert from_plain(plain) == tree
    assert decode(msgspec.json.encode(plain)) == tree


def test_equal_trees_have_equal_bytes() -> None:
    assert encode(parse("user.x==5").tree) == encode(parse("5 == user['x']").tree)


@pytest.mark.parametrize("node", ["and", "or"])
def test_a_group_of_one_is_its_part(node: str) -> None:
    assert from_plain({"node": node, "of": [EVERYONE]}) == parse("True").tree
    nested = {"node": node, "of": [{"node": "not", "of": {"node": node, "of": [_is("==", 5)]}}]}
    assert from_plain(nested) == parse("not user.x == 5").tree
    event = {"node": "field", "scope": "event", "name": "a"}
    behaviour = {**COUNT, "where": [{"node": node, "of": [_is("==", 1, event)]}]}
    assert from_plain(_is(">=", 1, behaviour)) == parse('count("A", a == 1) >= 1').tree
    chain = {"node": "between", "of": behaviour, "low": 1, "high": 2}
    assert from_plain(chain) == parse('1 <= count("A", a == 1) <= 2').tree


@pytest.mark.parametrize(
    ("plain", "place"),
    [
        (None, ""),
        (5, ""),
        ([], ""),
        ({}, ""),
        ({"node": "xor"}, "/node"),
        ({"node": "and"}, ""),
        ({"node": "and", "of": EVERYONE}, "/of"),
        ({"node": "and", "of": [EVERYONE, 5]}, "/of/1"),
        ({"node": "or", "of": [EVERYONE, {"node": "not"}]}, "/of/1"),
        ({"node": "not", "of": [EVERYONE]}, "/of"),
        ({"node": "segment", "key": 5}, "/key"),
        (_is("==", 5, {**X, "scope": "planet"}), "/left/scope"),
        (_is("==", 5, {"node": "field", "scope": "user"}), "/left"),
        (_is("==", 5, EVERYONE), "/left/node"),
        (_is("==", {"value": "yesterday"}), "/right/value"),
        (_is("==", {"day": "2026-01-31"}), "/right"),
        (_is("in", ["a", ["b"]]), "/right/1"),
        (_is("in", ["a", None]), "/right/1"),
        (_is("in", [{"value": "today"}]), "/right/0"),
        (_is(">=", 1, {**COUNT, "window": {"within": ["1d"]}}), "/left/window/within"),
        (_is(">=", 1, {**COUNT, "window": {"after": "2026-01-31"}}), "/left/window/after"),
        (_is(">=", 1, {**COUNT, "where": EVERYONE}), "/left/where"),
        ({"node": "and", "of": []}, ""),
        ({"node": "and", "of": [EVERYONE, {"node": "or", "of": []}]}, "/of/1"),
        (_is(">=", 1, {**COUNT, "where": [{"node": "or", "of": []}]}), "/left/where/0"),
    ],
)
def test_what_is_malformed_is_refused_with_its_path(plain: Any, place: str) -> None:
    with pytest.raises(RuleError) as refused:
        from_plain(plain)
    [problem] = refused.value.problems
    assert problem.place == place
    assert problem.message


@pytest.mark.parametrize(
    "text", ["", "{", "nul", '{"node":"everyone"} x', b"\xff", '{"node":"everyone"', "NaN", '{"a":1e999}']
)
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(RuleError, match=r"not JSON|Object|Expected"):
        decode(text)


@pytest.mark.parametrize(
    ("plain", "code", "place"),
    [
        (_is("=", 5), "rule.operator", ""),
        (_is("is None", 5), "rule.right", "/right"),
        (_is("==", None), "rule.right", "/right"),
        (_is("==", [5]), "rule.right", "/right"),
        (_is("in", 5), "rule.right", "/right"),
        (_is("in", []), "rule.right", "/right"),
        (_is("in", [1, "a"]), "rule.right", "/right"),
        (_is("in", ["a\0"], {**X, "name": "t"}), "rule.right", "/right"),
        (_is("==", "\0", {**X, "name": "t"}), "rule.right", "/right"),
        (_is("==", {"value": "date", "day": "2026-02-30"}, {**X, "name": "d"}), "rule.date", "/right"),
        (_is("==", {"value": "date", "day": "20260228"}, {**X, "name": "d"}), "rule.date", "/right"),
        (_is("==", {"value": "datetime", "at": "2026-02-28"}, {**X, "name": "i"}), "rule.date", "/right"),
        (_is("<", {"value": "ago", "duration": "x"}, {**X, "name": "i"}), "rule.duration", "/right"),
        (_is("==", 5, {"node": "call", "function": "shout", "of": X}), "rule.function", "/left"),
        (_is("==", 5, {"node": "field", "scope": "event", "name": "x"}), "rule.filter", "/left"),
        (_is("==", 5, {**X, "name": "y"}), "rule.property", "/left"),
        ({"node": "between", "of": {**X, "name": "t"}, "low": "a", "high": "b"}, "rule.type", ""),
        ({"node": "between", "of": X, "low": 1, "high": "b"}, "rule.type", "/high"),
        ({"node": "between", "of": X, "low": None, "high": 1}, "rule.right", "/low"),
        (_is(">=", 1, {**COUNT, "event": ""}), "rule.event", "/left"),
        (_is(">=", 1, {**COUNT, "window": {"within": "sometimes"}}), "rule.duration", "/left/window/within"),
        (_is(">=", 1, {**COUNT, "window": {"within": ["today", "1d"]}}), "rule.duration", "/left/window/within"),
        (_is(">=", 1, {**COUNT, "window": {"within": ["1d", "2d"]}}), "rule.duration", "/left/window/within"),
        (
            _is(">=", 1, {**COUNT, "window": {"before": {"value": "date", "day": "x"}}}),
            "rule.date",
            "/left/window/before",
        ),
        (_is(">=", 1, {**COUNT, "where": [{"node": "segment", "key": "a"}]}), "rule.filter", "/left/where/0"),
        (_is(">=", 1, {**COUNT, "where": [_is("==", 5)]}), "rule.filter", "/left/where/0/left"),
        (_is(">=", 1, {**COUNT, "where": [_is(">=", 1, COUNT)]}), "rule.filter", "/left/where/0/left"),
        (_is("is None", None, COUNT), "rule.type", ""),
        ({"node": "segment", "key": "a"}, "rule.segment", ""),
    ],
)
def test_what_only_json_can_get_wrong_is_found_by_the_check(plain: Any, code: str, place: str) -> None:
    problems = check(from_plain(plain), SCHEMA)
    assert [(problem.code, problem.place) for problem in problems] == [(code, place)]
