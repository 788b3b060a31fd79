"""Rules in words: stable, short, natural."""

from __future__ import annotations

import pytest

from lenticular.criteria.segments import read_rule
from lenticular.criteria.sentence import sentence
from lenticular.criteria.text import parse
from lenticular.criteria.tree import And, Or
from lenticular.criteria.types import Schema
from tests.cases.read import cases

SCHEMA = Schema(
    types={
        **dict.fromkeys([("user", name) for name in ("plan", "city", "email", "any name", "shirt.size")], "text"),
        **dict.fromkeys([("user", name) for name in ("crmId", "VAT", "checking_account")], "text"),
        ("user", "total_balance"): "number",
        ("user", "open"): "boolean",
        ("user", "birth_date"): "date",
        ("user", "since"): "datetime",
        ("user", "tags"): "list",
        ("user", "account_types"): "list",
        ("user", "orders"): "objects",
        ("event", "price"): "number",
        ("event", "category"): "text",
        ("event", "at"): "datetime",
        ("event", "gift"): "boolean",
    },
    labels={"user.VAT": "VAT number", "user.crmId": "Customer number", "segment.students": "Students"},
)
SEGMENTS = {"students": parse("True").tree, "advanced-customers": parse("True").tree}


@pytest.mark.parametrize(("given", "expected"), cases("criteria/sentences.json"))
def test_a_rule_in_words(given: str, expected: str) -> None:
    assert sentence(read_rule(given, SCHEMA, SEGMENTS), SCHEMA) == expected


def test_braces_in_a_rule_are_no_templates() -> None:
    tree = read_rule('count("{event}", category == "{right}") >= 2 and user.plan == "{label}"', SCHEMA, {})
    assert sentence(tree, SCHEMA) == "“{event}” (category is {right}) happened at least 2 times and plan is {label}."


def test_a_group_in_a_group_keeps_its_brackets() -> None:
    one, two, three = (parse(f'user.plan == "{name}"').tree for name in "abc")
    assert sentence(And((one, Or((two, three)))), SCHEMA) == "Plan is a and (plan is b or plan is c)."
