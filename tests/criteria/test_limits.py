"""How large a tree may be, whichever form it comes in."""

from __future__ import annotations

import contextlib
import time

import pytest

from lenticular.criteria.json import decode
from lenticular.criteria.limits import MAX_LEVELS, MAX_NODES, check_size
from lenticular.criteria.text import parse
from lenticular.criteria.tree import And, Between, Compare, Everyone, Field, Node, Not, Right
from lenticular.errors import RuleError

FIELD = Field("user", "x")


def _nested(levels: int) -> Node:
    tree: Node = Everyone()
    for _ in range(levels - 1):
        tree = Not(tree)
    return tree


def _refusal(tree: Node) -> tuple[str, str]:
    with pytest.raises(RuleError) as refused:
        check_size(tree)
    return refused.value.problems[0].code, refused.value.problems[0].place


def test_levels() -> None:
    check_size(_nested(MAX_LEVELS))
    assert _refusal(_nested(MAX_LEVELS + 1)) == ("rule.levels", "/of" * MAX_LEVELS)


def test_nodes() -> None:
    check_size(And((Everyone(),) * (MAX_NODES - 1)))
    assert _refusal(And((Everyone(),) * MAX_NODES))[0] == "rule.nodes"


def test_members_of_a_list_are_parts_too() -> None:
    check_size(Compare(FIELD, "in", tuple(range(MAX_NODES - 1))))
    assert _refusal(Compare(FIELD, "in", tuple(range(MAX_NODES))))[0] == "rule.nodes"
    listed = Compare(FIELD, "in", tuple(range(MAX_NODES // 2)))
    assert _refusal(And((listed, listed)))[0] == "rule.nodes"


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), (1.0, float("nan"))])
def test_numbers_are_finite(value: Right) -> None:
    operator = "in" if isinstance(value, tuple) else "=="
    assert _refusal(And((Everyone(), Compare(FIELD, operator, value)))) == ("rule.number", "/of/1")
    if not isinstance(value, tuple):
        assert _refusal(Between(FIELD, 0, value)) == ("rule.number", "")


@pytest.mark.parametrize(
    "text",
    [
        "(" * 32_000,
        "not " * 16_000 + "True",
        "[" * 60_000,
        "user" + ".x" * 32_000 + " == 1",
        "user.x == " + "-" * 60_000 + "1",
        "user.x == 1" + " or user.x == 1" * 4_300,
        '"' * 65_000,
        "user.x == '" + "\\x41" * 16_000 + "'",
        "1" * 65_000,
        "True or " * 8_000 + "True",
        "user.x in [" + "1," * 30_000 + "]",
        "f(" * 20_000,
        "True if " * 8_000,
        "lambda: " * 8_000,
    ],
)
def test_no_text_takes_long_or_crashes(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(RuleError):
        parse(text)
    assert time.process_time() - start < 3


def test_deep_json_is_refused_and_does_not_crash() -> None:
    deep = b'{"node":"not","of":' * 100_000 + b'{"node":"everyone"}' + b"}" * 100_000
    with pytest.raises(RuleError):
        decode(deep)
    hundred = b'{"node":"not","of":' * 100 + b'{"node":"everyone"}' + b"}" * 100
    with pytest.raises(RuleError, match="64 levels"):
        decode(hundred)
