"""What is proven of rules: a table, and that no person of any world stands against a proof."""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
import pytest

from lenticular.criteria.check import check
from lenticular.criteria.proof import implies, implies_any, is_impossible
from lenticular.criteria.segments import Segments
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.tree import And, Behaviour, Between, Compare, InSegment, Node, Not, Or, Window
from tests.cases.read import cases
from tests.criteria.conformance import SCHEMA as SCHEMA_OF_CASES
from tests.criteria.conformance import SEGMENTS
from tests.criteria.draw_rules import WITHIN
from tests.criteria.vocabulary import SCHEMA
from tests.criteria.worlds import World, make_world

TREES = {key: parse(rule).tree for key, rule in SEGMENTS.items()}


@pytest.mark.parametrize(("given", "expected"), cases("criteria/implies.json"))
def test_what_is_proven(given: tuple[str, str], expected: bool) -> None:
    a, b = (parse(rule).tree for rule in given)
    assert [*check(a, SCHEMA_OF_CASES, TREES), *check(b, SCHEMA_OF_CASES, TREES)] == []
    assert implies(a, b, SCHEMA_OF_CASES, TREES) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "user.balance > 5 and user.balance < 3",
        "user.balance is None and user.balance > 3",
        'count("A") > 2 and count("A") < 3',
        'user.email == "a" and user.email.starts_with("b")',
        'user.email.starts_with("a") and user.email.starts_with("b")',
        'segment("rich") and segment("not-rich")',
        'last_time("A") > ago("1d") and last_time("A") < ago("2d")',
        'count("A", within="7d") >= 3 and count("A", within="30d") < 3',
        "not True",
    ],
)
def test_nobody_is_in_what_contradicts_itself(rule: str) -> None:
    assert is_impossible(parse(rule).tree, SCHEMA_OF_CASES, TREES)


def test_several_together_leave_nobody() -> None:
    small, large, known = (parse(f"user.balance {rest}").tree for rest in ("< 10", ">= 10", "is not None"))
    assert implies_any(known, (small, large), SCHEMA_OF_CASES, TREES)
    assert not implies_any(known, (small,), SCHEMA_OF_CASES, TREES)
    assert not implies_any(parse("True").tree, (small, large), SCHEMA_OF_CASES, TREES)


def test_a_circle_and_a_rule_that_is_too_much_prove_nothing() -> None:
    circle: dict[str, Node] = {"a": InSegment("b"), "b": InSegment("a")}
    assert not implies(InSegment("a"), parse("user.balance > 5").tree, SCHEMA_OF_CASES, circle)
    names = range(60)
    wide = And(tuple(Or((_known(f"a{at}"), _known(f"b{at}"))) for at in names))
    assert not implies(wide, _known("c"), SCHEMA_OF_CASES, {})


def _known(event: str) -> Node:
    return parse(f'count("{event}") > 0').tree


@pytest.mark.parametrize("seed", range(6))
def test_nobody_stands_against_a_proof(seed: int) -> None:
    proven = _compare(make_world(seed))
    assert sum(proven.values()) > 40
    assert proven["one"] > 15, proven


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3_000, 3_300))
def test_nobody_stands_against_a_proof_in_many_worlds(seed: int) -> None:
    _compare(make_world(seed))


def _compare(world: World) -> Counter[str]:
    """Ask of each rule, of others near it and of their unions what follows; return how much is proven of each."""
    random = Random(world.now)
    for key, tree in list(world.trees.items()):
        for at in range(4):
            near = _near(tree, random)
            if check(near, SCHEMA, world.trees) == []:
                world.trees[f"{key}/{at}"] = near
    members = _members(world)
    keys, found = list(world.trees), Counter[str]()
    for key, tree in world.trees.items():
        family = [other for other in keys if other.partition("/")[0] == key.partition("/")[0] and other != key]
        for other in (*family, *random.sample(keys, 3)):
            if other != key and implies(tree, world.trees[other], SCHEMA, world.trees):
                found["one"] += 1
                assert members[key] <= members[other], (to_text(tree), to_text(world.trees[other]), world.now)
        several = random.sample(keys, 3)
        if key not in several and implies_any(tree, [world.trees[one] for one in several], SCHEMA, world.trees):
            found["several"] += 1
            assert members[key] <= set().union(*(members[one] for one in several)), to_text(tree)
        if is_impossible(tree, SCHEMA, world.trees):
            found["nobody"] += 1
            assert members[key] == set(), to_text(tree)
    return found


def _members(world: World) -> dict[str, set[int]]:
    segments = Segments(world.trees, SCHEMA, world.calendar)
    found: dict[str, set[int]] = {key: set() for key in world.trees}
    for profile_id in world.people:
        person = world.person(profile_id, segments)
        for key in segments.matching(world.trees, person, world.now):
            found[key].add(profile_id)
    return found


def _near(tree: Node, random: Random) -> Node:
    """Return a rule much like another: another number, window, or one part more or less."""
    match tree:
        case Not(of):
            return Not(_near(of, random))
        case And(of) | Or(of):
            parts = list(of)
            at = random.randrange(len(parts))
            if random.random() < 0.4 and len(parts) > 2:
                del parts[at]
            elif random.random() < 0.3:
                return Or(of) if isinstance(tree, And) else And(of)
            else:
                parts[at] = _near(parts[at], random)
            return And(tuple(parts)) if isinstance(tree, And) else Or(tuple(parts))
        case Compare(Behaviour() as left):
            return _moved(Compare(_rewound(left, random), tree.operator, tree.right), random)
        case Compare():
            return _moved(tree, random)
        case Between(of, low, high):
            ends: list[Node] = [Compare(of, ">=", low), Compare(of, "<", high), Not(Compare(of, ">", low))]
            return random.choice(ends)
    others: list[Node] = [tree, Not(Not(tree)), InSegment("s0")]
    return random.choice(others)


def _moved(tree: Compare, random: Random) -> Compare:
    right, operator = tree.right, tree.operator
    if isinstance(right, int | float) and not isinstance(right, bool):
        right = right + random.choice([0, 0, 1, -1, 0.5])
    if isinstance(right, str) and random.random() < 0.5 and operator in ("starts_with", "ends_with", "contains"):
        right = right[:-1]
    if operator in ("<", "<=", ">", ">=") and random.random() < 0.5:
        operator = random.choice(["<", "<=", ">", ">=", "=="])
    return Compare(tree.left, operator, right)


def _rewound(behaviour: Behaviour, random: Random) -> Behaviour:
    window = behaviour.window
    if random.random() < 0.5:
        window = Window(random.choice(WITHIN), window.after, window.before)
    where = behaviour.where[:-1] if random.random() < 0.3 else behaviour.where
    return msgspec.structs.replace(behaviour, window=window, where=where)
