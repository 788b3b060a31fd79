"""Rule texts: what is printed for what was read, and what is refused, where, and with which advice."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.criteria.json import decode, encode
from lenticular.criteria.segments import read_rule
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.types import Schema
from lenticular.errors import RuleError
from tests.cases.read import cases

SCHEMA = Schema(
    types={
        ("user", "plan"): "text",
        ("user", "city"): "text",
        ("user", "total_balance"): "number",
        ("user", "open"): "boolean",
        ("user", "birth_date"): "date",
        ("user", "since"): "datetime",
        ("user", "tags"): "list",
        ("user", "orders"): "objects",
        ("event", "price"): "number",
        ("event", "category"): "text",
        ("event", "at"): "datetime",
        ("event", "products"): "objects",
        ("organization", "tier"): "text",
        ("organization", "size"): "number",
    }
)
SEGMENTS = {"students": parse("True").tree, "advanced-customers": parse("True").tree}


@pytest.mark.parametrize(("given", "expected"), cases("criteria/text.json"))
def test_a_text_is_printed_in_one_way(given: str, expected: str) -> None:
    tree = parse(given).tree
    assert to_text(tree) == expected
    assert parse(expected).tree == tree
    assert decode(encode(tree)) == tree


@pytest.mark.parametrize(("given", "expected"), cases("criteria/refused.json"))
def test_a_refusal_says_what_and_where_and_what_to_do(given: Any, expected: list[list[str | None]]) -> None:
    text = (
        given if isinstance(given, str) else given.get("before", "") + given["repeat"] * given["times"] + given["after"]
    )
    with pytest.raises(RuleError) as refused:
        read_rule(text, SCHEMA, SEGMENTS)
    found: list[list[str | None]] = [[one.code, one.message, one.place, one.hint] for one in refused.value.problems]
    for problem, (*_, place, _) in zip(found, expected, strict=True):
        if place is None:  # the place is that of Python's parser, which differs between its versions
            problem[2] = None
    assert found == expected


def test_what_looks_refused_but_is_not() -> None:
    assert to_text(read_rule('user.plan == "#1"', SCHEMA, {})) == 'user.plan == "#1"'
    assert to_text(read_rule('user.plan != "a && b = c"', SCHEMA, {})) == 'user.plan != "a && b = c"'
    assert to_text(read_rule('user.plan == "("', SCHEMA, {})) == 'user.plan == "("'
    assert to_text(read_rule('count("A", context == "/") > 1', SCHEMA, {})) == 'count("A", field["context"] == "/") > 1'


def test_the_largest_rules_are_read() -> None:
    listed = ", ".join(map(str, range(4_990)))
    assert read_rule(f"user.total_balance in [{listed}]", SCHEMA, {})
    deep = "(user.open == True and " * 62 + "True" + ")" * 62
    assert read_rule(deep, SCHEMA, {})
    assert read_rule("(" * 127 + "True" + ")" * 127, SCHEMA, {})


def test_an_open_schema_takes_types_from_the_rule() -> None:
    schema = Schema(open=True)
    assert read_rule('user.anything >= 5 and user.name.lower().contains("a")', schema, {})
    with pytest.raises(RuleError, match=r"user\.a is a text; > is not for it"):
        read_rule('user.a > "x"', schema, {})


def test_half_of_a_surrogate_pair_is_refused_where_it_stands() -> None:
    with pytest.raises(RuleError, match=r"line 2, column 18: The character '\\ud800' can't be read\. Take it out\."):
        parse("user.open == True\nand user.city == \ud800")
