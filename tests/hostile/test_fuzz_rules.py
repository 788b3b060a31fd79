"""A fuzzer on rules, in text and in JSON: each is read or refused with its place, and works in every face."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.check import check
from lenticular.criteria.explain import explain
from lenticular.criteria.json import decode, encode
from lenticular.criteria.limits import MAX_BYTES, MAX_NODES
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments, read_rule
from lenticular.criteria.sentence import sentence
from lenticular.criteria.sql import Question, count_query, members_query
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.tree import Node, walk
from lenticular.criteria.types import Schema
from lenticular.errors import RuleError
from tests.cases.read import cases
from tests.criteria.test_text import SCHEMA, SEGMENTS
from tests.hostile.mutated import fuzz, mutated, replaced

NOW = 1_772_000_000_000
MADRID = calendar_of("Europe/Madrid")
RULES: list[str] = [str(one.values[0]) for one in cases("criteria/text.json")]
TREES: list[Any] = [msgspec.json.decode(encode(parse(rule).tree)) for rule in RULES]
OPEN = msgspec.structs.replace(SCHEMA, open=True)
FEW, MANY = 250, 10_000


def test_there_is_enough_to_begin_with() -> None:
    assert len(RULES) > 40


def refused(read: Callable[[], Node]) -> Node | None:
    """Return what was read; None for what was refused with problems that say what and, in a text, where."""
    try:
        return read()
    except RuleError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.code.startswith("rule."), problem
            assert problem.message, problem
            assert len(problem.message) < 3 * MAX_BYTES, problem
        return None


def works(tree: Node, schema: Schema) -> None:
    """Ask every face of a rule; whatever it means, none may fail."""
    assert sum(1 for _ in walk(tree)) <= MAX_NODES
    assert parse(to_text(tree)).tree == tree
    assert decode(encode(tree)) == tree
    for language in ("en", "es"):
        assert sentence(tree, schema, language)
    segments = Segments({**SEGMENTS, "it": tree}, schema, MADRID)
    member = "it" in segments.matching(["it"], Person(), NOW)
    assert explain(segments, "it", Person(), NOW).member is member
    question = Question(tree, segments.trees, schema, MADRID, NOW)
    assert count_query(question).sql
    assert members_query(question, 5).sql


def try_text(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for schema in (SCHEMA, OPEN):
        tree = refused(partial(read_rule, text, schema, SEGMENTS))
        if tree is not None:
            works(tree, schema)


def try_json(data: bytes) -> None:
    tree = refused(lambda: decode(data))
    if tree is None:
        return
    for schema in (SCHEMA, OPEN):
        if not check(tree, schema, SEGMENTS):
            works(tree, schema)


@pytest.mark.parametrize(
    ("operator", "name", "place"), [("x", "price", "/left/where/0"), ("==", "", "/left/where/0/left")]
)
def test_what_the_fuzzer_found(operator: str, name: str, place: str) -> None:
    """A filter with an operator or a property that is none is refused, not printed into a crash."""
    inner = {"node": "compare", "left": {"node": "field", "scope": "event", "name": name}, "right": 1}
    behaviour = {"node": "behaviour", "measure": "count", "event": "A", "where": [{**inner, "operator": operator}]}
    tree = decode(msgspec.json.encode({"node": "compare", "left": behaviour, "operator": ">=", "right": "1"}))
    assert place in [problem.place for problem in check(tree, OPEN, SEGMENTS)]


@fuzz(FEW)
@given(mutated([rule.encode() for rule in RULES]))
def test_texts(data: bytes) -> None:
    try_text(data)


@fuzz(FEW)
@given(replaced(TREES))
def test_trees(data: bytes) -> None:
    try_json(data)


@fuzz(FEW)
@given(mutated([msgspec.json.encode(tree) for tree in TREES]))
def test_json(data: bytes) -> None:
    try_json(data)


@pytest.mark.soak
@fuzz(MANY, derandomize=False)
@given(mutated([rule.encode() for rule in RULES]))
def test_many_texts(data: bytes) -> None:
    try_text(data)


@pytest.mark.soak
@fuzz(MANY, derandomize=False)
@given(replaced(TREES))
def test_many_trees(data: bytes) -> None:
    try_json(data)


@pytest.mark.soak
@fuzz(MANY, derandomize=False)
@given(mutated([msgspec.json.encode(tree) for tree in TREES]))
def test_much_json(data: bytes) -> None:
    try_json(data)
