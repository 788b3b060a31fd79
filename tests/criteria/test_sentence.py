"""Rules in words: stable, short, natural; every part of a rule, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from random import Random

import pytest

from lenticular.criteria.check import check
from lenticular.criteria.sentence import sentence
from lenticular.criteria.text import parse
from lenticular.criteria.tree import And, Node, Or
from lenticular.criteria.types import Schema
from lenticular.criteria.words import LANGUAGES
from tests.cases.read import cases
from tests.criteria import vocabulary
from tests.criteria.draw_rules import Rules
from tests.criteria.families import FAMILIES

SCHEMA = Schema(
    types={
        **dict.fromkeys([("user", name) for name in ("plan", "city", "email", "any name", "shirt.size")], "text"),
        **dict.fromkeys(
            [("user", name) for name in ("crmId", "VAT", "checking_account", "origin", "language")], "text"
        ),
        **dict.fromkeys([("user", name) for name in ("total_balance", "income")], "number"),
        ("user", "open"): "boolean",
        ("user", "birth_date"): "date",
        ("user", "since"): "datetime",
        ("user", "tags"): "list",
        ("user", "account_types"): "list",
        ("user", "orders"): "objects",
        ("session", "cart_size"): "number",
        ("organization", "tier"): "text",
        ("organization", "country"): "text",
        ("organization", "seats"): "number",
        ("organization", "renewal"): "date",
        ("organization", "domains"): "list",
        ("organization", "contacts"): "objects",
        ("event", "price"): "number",
        ("event", "revenue"): "number",
        ("event", "category"): "text",
        ("event", "at"): "datetime",
        ("event", "day"): "date",
        ("event", "gift"): "boolean",
        ("event", "sizes"): "list",
        ("context", "theme"): "text",
    },
    labels={"user.VAT": "VAT number", "user.crmId": "Customer number", "segment.students": "Students"},
)
SEGMENTS = {"students", "advanced-customers"}
languages = pytest.mark.parametrize("language", LANGUAGES)


def said(rule: str, language: str = "en") -> str:
    tree = parse(rule).tree
    assert check(tree, SCHEMA, SEGMENTS) == []
    return sentence(tree, SCHEMA, language)


@pytest.mark.parametrize(("rule", "expected"), cases("criteria/sentences.json"))
def test_a_rule_in_english(rule: str, expected: str) -> None:
    assert said(rule) == expected


@pytest.mark.parametrize(("rule", "expected"), cases("criteria/sentences_es.json"))
def test_a_rule_in_spanish(rule: str, expected: str) -> None:
    assert said(rule, "es") == expected


def test_the_same_rules_are_said_in_every_language() -> None:
    english, spanish = ({case.id for case in cases(f"criteria/{name}.json")} for name in ("sentences", "sentences_es"))
    assert english == spanish


def test_braces_in_a_rule_are_no_templates() -> None:
    rule = 'count("{event}", category == "{right}") >= 2 and user.plan == "{label}"'
    assert said(rule) == "“{event}” (category is {right}) happened at least 2 times and plan is {label}."
    assert said(rule, "es") == "«{event}» (category es {right}) ocurrió al menos 2 veces y plan es {label}."


def test_a_group_in_a_group_keeps_its_brackets() -> None:
    one, two, three = (parse(f'user.plan == "{name}"').tree for name in "abc")
    assert sentence(And((one, Or((two, three)))), SCHEMA) == "Plan is a and (plan is b or plan is c)."


@languages
def test_every_random_rule_reads_as_a_sentence(language: str) -> None:
    for seed in range(1_500):
        tree = Rules(Random(seed)).tree(3, ["students", "advanced-customers"])
        words = sentence(tree, vocabulary.SCHEMA, language)
        assert words == sentence(tree, vocabulary.SCHEMA, language)
        assert not re.search(r"\{[a-z_]*\}", words), words
        assert "  " not in words and words == words.strip(), words
        assert words.endswith(".") and not words.endswith(".."), words
        first = words.lstrip("(")[0]
        assert first.isupper() or first in "“«", words
        assert words.count("(") == words.count(")") or "\\" in words, words
        assert words.isprintable(), words


@languages
@pytest.mark.parametrize("family", FAMILIES)
def test_different_rules_are_never_said_alike(family: Callable[[], Iterator[Node]], language: str) -> None:
    found: dict[str, Node] = {}
    for tree in dict.fromkeys(family()):
        words = sentence(tree, SCHEMA, language)
        assert words not in found, (words, tree, found[words])
        found[words] = tree
    assert len(found) > 8
