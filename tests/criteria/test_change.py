"""When time alone changes a verdict: exactly at the moment that was announced, and not before."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.change import next_change
from lenticular.criteria.order import in_order
from lenticular.criteria.segments import Segments
from lenticular.criteria.text import to_text
from lenticular.criteria.tree import Between, Compare, Field, field_of, operand_of, walk
from tests.cases.read import cases
from tests.criteria.conformance import SCHEMA as SCHEMA_OF_CASES
from tests.criteria.conformance import milliseconds, read
from tests.criteria.reference import Reference
from tests.criteria.vocabulary import SCHEMA
from tests.criteria.worlds import World, make_world

HOUR = 3_600_000


@pytest.mark.parametrize(("given", "expected"), cases("criteria/changes.json"))
def test_the_announced_moment(given: dict[str, Any], expected: str | None) -> None:
    case = read(given["rule"], given)
    segments = case.segments()
    change = next_change(segments, "it", case.person(segments), case.now)
    assert change == (None if expected is None else milliseconds(expected))
    reference = Reference(case.trees, SCHEMA_OF_CASES, case.calendar.zone)
    verdicts = [reference.member(case.trees["it"], case.visitor, at) for at in (case.now, (change or case.now + 1) - 1)]
    assert verdicts[0] == verdicts[1]
    assert change is None or reference.member(case.trees["it"], case.visitor, change) != verdicts[0]


def test_the_change_comes_when_it_is_announced() -> None:
    """Not a millisecond earlier, and at no third hour of the next fortnight before it."""
    assert sum(_changes(make_world(seed, people=4)) for seed in range(200, 208)) > 20


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2_000, 2_100))
def test_the_change_comes_when_it_is_announced_in_many_worlds(seed: int) -> None:
    _changes(make_world(seed, people=20))


def _changes(world: World) -> int:
    """Check every person and rule of a world, by the engine and by hand; return how many changes were announced."""
    if world.calendar.zone == "America/St_Johns":  # until 2011 its clocks went back to yesterday, and days came twice
        world = msgspec.structs.replace(world, calendar=calendar_of("Europe/Madrid"))
    segments, reference = Segments(world.trees, SCHEMA, world.calendar), world.reference()
    found = 0
    for profile_id in world.people:
        person, visitor = world.person(profile_id, segments), world.visitor(profile_id)
        # Of a visit to come nothing is known yet.
        visitor = msgspec.structs.replace(visitor, sessions=[one for one in visitor.sessions if one[0] <= world.now])
        for key, tree in world.trees.items():
            before = segments.matching([key], person, world.now)
            change = next_change(segments, key, person, world.now)
            told = (to_text(tree), world.calendar.zone, world.now, change, visitor)
            if change is not None:
                found += 1
                assert segments.matching([key], person, change - 1) == before, told
                assert segments.matching([key], person, change) != before, told
                if not _asks_for_interests(world, key):
                    assert reference.member(tree, visitor, change - 1) == bool(before), told
                    assert reference.member(tree, visitor, change) != bool(before), told
            for hour in range(1, 24 * 14, 3):
                moment = world.now + hour * HOUR
                if change is None or moment < change:
                    assert segments.matching([key], person, moment) == before, (moment, *told)
    return found


def _asks_for_interests(world: World, key: str) -> bool:
    """Whether a rule reads topics, of which a person holds those seen so far and no event to come."""
    nodes = (node for name in in_order(world.trees, [key]) for node in walk(world.trees[name], filters=False))
    fields = (field_of(operand_of(node)) for node in nodes if isinstance(node, Compare | Between))
    return any(isinstance(field, Field) and field.name.startswith("interests") for field in fields)
