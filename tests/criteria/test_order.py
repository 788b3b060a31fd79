from __future__ import annotations

import random

import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.order import in_order
from lenticular.criteria.segments import Segments
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Node, segments_in
from lenticular.criteria.types import Schema
from lenticular.errors import RuleError


def _trees(**rules: str) -> dict[str, Node]:
    return {key: parse(rule).tree for key, rule in rules.items()}


def test_each_segment_comes_after_what_it_names() -> None:
    trees = _trees(a='segment("b") and segment("c")', b='segment("c")', c="True", d='not segment("a")')
    assert in_order(trees) == ["c", "b", "a", "d"]
    assert in_order(trees, ["b"]) == ["c", "b"]
    assert in_order(trees, []) == []
    assert in_order(trees, ["nobody"]) == []


def test_what_is_named_but_unknown_is_left_out() -> None:
    assert in_order(_trees(a='segment("gone")')) == ["a"]


@pytest.mark.parametrize(
    ("rules", "circle"),
    [
        ({"a": 'segment("a")'}, "a → a"),
        ({"a": 'segment("b")', "b": 'segment("a")'}, "a → b → a"),
        (
            {"x": 'segment("a")', "a": 'True or segment("b")', "b": 'segment("c")', "c": 'not segment("a")'},
            "a → b → c → a",
        ),
    ],
)
def test_a_circle_is_refused_by_name(rules: dict[str, str], circle: str) -> None:
    with pytest.raises(RuleError) as refused:
        Segments(_trees(**rules), Schema(), calendar_of("UTC"))
    [problem] = refused.value.problems
    assert problem.code == "rule.circle"
    assert problem.message == f"These segments depend on each other in a circle: {circle}."
    assert problem.place == f"segment {circle[0]}"
    assert problem.hint


def test_every_problem_of_every_segment_is_named() -> None:
    trees = _trees(a='user.x == 1 and segment("c")', b='user.y == "a"')
    with pytest.raises(RuleError) as refused:
        Segments(trees, Schema(), calendar_of("UTC"))
    assert [problem.place for problem in refused.value.problems] == [
        "segment a/of/0/left",
        "segment a/of/1",
        "segment b/left",
    ]


def test_a_long_chain_needs_no_deep_stack() -> None:
    trees = _trees(s0="True", **{f"s{at}": f'segment("s{at - 1}")' for at in range(1, 5_000)})
    assert in_order(trees, ["s4999"]) == list(trees)


@pytest.mark.parametrize("seed", range(20))
def test_any_graph_without_a_circle(seed: int) -> None:
    dice = random.Random(seed)
    keys = [f"s{at}" for at in range(30)]
    trees = _trees(
        **{
            key: " or ".join(f'segment("{one}")' for one in dice.sample(keys[:at], min(at, dice.randrange(4))))
            or "True"
            for at, key in enumerate(keys)
        }
    )
    shuffled = dict(dice.sample(list(trees.items()), len(trees)))
    order = in_order(shuffled)
    assert sorted(order) == sorted(keys)
    assert all(order.index(named) < order.index(key) for key in keys for named in segments_in(trees[key]))
