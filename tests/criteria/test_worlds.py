"""One rule, one answer: the generated function and ClickHouse agree about everyone in a random world."""

from __future__ import annotations

import pytest

from lenticular.criteria.change import next_change
from lenticular.criteria.check import check
from lenticular.criteria.explain import explain
from lenticular.criteria.json import decode, encode
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question, count_query, members_query
from lenticular.criteria.text import parse, to_text
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from tests.criteria.conftest import Store
from tests.criteria.vocabulary import SCHEMA
from tests.criteria.worlds import World, make_world


@pytest.mark.parametrize("seed", range(6))
def test_engine_and_sql_agree(store: Store, seed: int) -> None:
    run, child = store
    run(_compare(child, make_world(seed), f"world_{seed}"))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1_000, 1_150))
def test_engine_and_sql_agree_in_many_worlds(store: Store, seed: int) -> None:
    run, child = store
    run(_compare(child, make_world(seed), f"world_{seed}"))


async def _compare(child: ClickHouseChild, world: World, database: str) -> None:
    assert [problem for tree in world.trees.values() for problem in check(tree, SCHEMA, world.trees)] == []
    segments = Segments(world.trees, SCHEMA, world.calendar)
    people = {key: world.person(key, segments) for key in world.people}
    engine = {key: segments.matching(world.trees, person, world.now) for key, person in people.items()}
    events = ClickHouseEvents(child, database)
    try:
        await events.open()
        for batch in world.batches():
            await events.insert(batch)
        for key, tree in world.trees.items():
            question = Question(tree, world.trees, SCHEMA, world.calendar, world.now)
            query = members_query(question, limit=1_000)
            members = {row[0] for row in await events.query(query.sql, query.parameters)}
            expected = {profile_id for profile_id, matching in engine.items() if key in matching}
            assert members == expected, f"{to_text(tree)} at {world.now} in {world.calendar.zone}"
            counted = count_query(question)
            assert (await events.query(counted.sql, counted.parameters))[0][0] == len(expected)
    finally:
        await events.close()


@pytest.mark.parametrize("seed", range(100, 103))
def test_the_explanation_has_the_verdict_of_the_engine(seed: int) -> None:
    world = make_world(seed, people=12)
    segments = Segments(world.trees, SCHEMA, world.calendar)
    for profile_id in world.people:
        person = world.person(profile_id, segments)
        matching = segments.matching(world.trees, person, world.now)
        for key in world.trees:
            explanation = explain(segments, key, person, world.now)
            assert explanation.member == (key in matching), explanation


def test_the_change_comes_when_it_is_announced() -> None:
    """Not a millisecond earlier, and at no third hour of the next fortnight before it."""
    assert sum(_changes(make_world(seed, people=4)) for seed in range(200, 208)) > 10


def _changes(world: World) -> int:
    """Check every person and rule of a world; return how many changes were announced."""
    segments = Segments(world.trees, SCHEMA, world.calendar)
    found = 0
    for profile_id in world.people:
        person = world.person(profile_id, segments)
        for key in world.trees:
            before = segments.matching([key], person, world.now)
            change = next_change(segments, key, person, world.now)
            if change is not None:
                found += 1
                assert segments.matching([key], person, change - 1) == before, (to_text(world.trees[key]), change)
                assert segments.matching([key], person, change) != before
            for hour in range(1, 24 * 14, 3):
                moment = world.now + hour * 3_600_000
                if change is None or moment < change:
                    assert segments.matching([key], person, moment) == before, (to_text(world.trees[key]), moment)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_text_and_json_round_trips(seed: int) -> None:
    for tree in make_world(seed, people=0).trees.values():
        assert decode(encode(tree)) == tree
        assert parse(to_text(tree)).tree == tree
