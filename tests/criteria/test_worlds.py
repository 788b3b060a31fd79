"""One rule, one answer: the generated function, ClickHouse and the slow evaluator agree about everyone in a world.

Each world decides PEOPLE × RULES examples, with one round to ClickHouse per rule.
"""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from lenticular.criteria.check import check
from lenticular.criteria.json import decode, encode
from lenticular.criteria.measures import MEASURES, PERIODS
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question, count_query, members_query
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.tree import Behaviour, Between, Call, Compare, Node, Sequence, behaviour_of, operand_of, walk
from lenticular.criteria.types import FUNCTIONS
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from tests.criteria.conftest import Store
from tests.criteria.draw_rules import WITHIN
from tests.criteria.vocabulary import SCHEMA
from tests.criteria.worlds import World, make_world

PEOPLE, RULES = 200, 20
SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_engines_and_the_reference_agree(store: Store, seed: int) -> None:
    run, child = store
    run(_compare(child, make_world(seed, PEOPLE, RULES), f"world_{seed}"))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1_000, 1_130))
def test_both_engines_and_the_reference_agree_in_many_worlds(store: Store, seed: int) -> None:
    """1,040,000 examples."""
    run, child = store
    run(_compare(child, make_world(seed, 2 * PEOPLE, RULES), f"world_{seed}"))


async def _compare(child: ClickHouseChild, world: World, database: str) -> None:
    assert [problem for tree in world.trees.values() for problem in check(tree, SCHEMA, world.trees)] == []
    expected = _by_hand(world)
    assert _by_engine(world) == expected, _difference(world, _by_engine(world), expected)
    events = ClickHouseEvents(child, database)
    try:
        await events.open()
        for batch in world.batches():
            await events.insert(batch)
        for at, (key, tree) in enumerate(world.trees.items()):
            question = Question(tree, world.trees, SCHEMA, world.calendar, world.now, merged=world.merged)
            query = members_query(question, limit=1_000)
            members = {row[0] for row in await events.query(query.sql, query.parameters)}
            assert members == expected[key], _difference(world, {key: members}, expected)
            if at % 5 == 0:
                counted = count_query(question)
                assert (await events.query(counted.sql, counted.parameters))[0][0] == len(members)
    finally:
        await events.close()


def _by_hand(world: World) -> dict[str, set[int]]:
    reference = world.reference()
    visitors = {key: world.visitor(key) for key in world.people}
    return {
        name: {key for key, visitor in visitors.items() if reference.member(tree, visitor, world.now)}
        for name, tree in world.trees.items()
    }


def _by_engine(world: World) -> dict[str, set[int]]:
    segments = Segments(world.trees, SCHEMA, world.calendar)
    found: dict[str, set[int]] = {name: set() for name in world.trees}
    for key in world.people:
        for name in segments.matching(world.trees, world.person(key, segments), world.now):
            found[name].add(key)
    return found


def _difference(world: World, found: dict[str, set[int]], expected: dict[str, set[int]]) -> str:
    """Say of the first rule that two disagree on what it is, about whom, and what is known of them."""
    for name, members in found.items():
        for key in sorted(members ^ expected[name])[:1]:
            said = f"{key} is {'in' if key in members else 'out'}: {world.visitor(key)}"
            return f"{to_text(world.trees[name])} at {world.now} in {world.calendar.zone}: {said}"
    return "nothing"


@pytest.mark.parametrize("seed", range(300, 303))
def test_two_profiles_that_turn_out_to_be_one_are_the_whole(seed: int) -> None:
    """Whatever the cut, whichever is joined to which, and though more happens afterwards."""
    world = make_world(seed, people=60)
    segments = Segments(world.trees, SCHEMA, world.calendar)
    expected = _by_hand(world)
    for key, someone in world.people.items():
        events = someone.events
        for first in (events[: len(events) // 2], events[::3]):
            rest = [event for event in events if event not in first]
            last = rest[-1:]
            states: list[dict[str, object]] = [{}, {}]
            for state, half in zip(states, (rest[:-1], first), strict=True):
                for event in half:
                    segments.plan.step(state, event)
            segments.plan.merge(states[0], states[1])
            for event in last:
                segments.plan.step(states[0], event)
            person = msgspec.structs.replace(world.person(key, segments), tallies=states[0])
            found = segments.matching(world.trees, person, world.now)
            assert found == {name for name, members in expected.items() if key in members}


@pytest.mark.parametrize("seed", range(60))
def test_text_and_json_round_trips(seed: int) -> None:
    for tree in make_world(seed, people=0).trees.values():
        assert decode(encode(tree)) == tree
        assert parse(to_text(tree)).tree == tree


def test_the_worlds_hold_every_part_of_the_language() -> None:
    parts: Counter[object] = Counter()
    for seed in range(60):
        for tree in make_world(seed, people=0).trees.values():
            for node in walk(tree):
                parts.update(_parts(node))
    wanted = {*OPERATORS, *FUNCTIONS, *MEASURES, *PERIODS, *WITHIN, *Node.__args__}
    assert {part for part in wanted if not parts[part]} == set()
    assert {part for part in FUNCTIONS if not parts["of a behaviour", part]} == set()


def _parts(node: Node) -> list[object]:
    found: list[object] = [type(node)]
    if isinstance(node, Sequence):
        found.append(node.window.within)
    if isinstance(node, Compare | Between):
        behaviour, operand = behaviour_of(node), operand_of(node)
        found.append(node.operator if isinstance(node, Compare) else "chain")
        found += [behaviour.measure, behaviour.every, behaviour.window.within] if behaviour else []
        if isinstance(operand, Call):
            found.append(
                ("of a behaviour", operand.function) if isinstance(operand.of, Behaviour) else operand.function
            )
    return found


def test_most_rules_part_people_and_people_are_what_they_should_be() -> None:
    worlds = [make_world(seed, PEOPLE, RULES) for seed in SEEDS]
    parted = sum(0 < len(members) < PEOPLE for world in worlds for members in _by_hand(world).values())
    assert parted >= 0.6 * len(worlds) * RULES
    assert {world.merged for world in worlds} == {True, False}
    everyone = [someone for world in worlds for someone in world.people.values()]
    assert {someone.withheld for someone in everyone} == {0, 1, 2, 3}
    times = [(world.now, [event.time for event in one.events]) for world in worlds for one in world.people.values()]
    assert sum(len(set(each)) < len(each) for _, each in times) > 50, "events at the same moment"
    assert sum(max(each, default=0) > now for now, each in times) > 50, "events to come"
