"""What is said of everyone in a world has the verdict that the engine and the slow evaluator come to."""

from __future__ import annotations

import pytest

from lenticular.criteria.explain import explain
from lenticular.criteria.segments import Segments
from tests.criteria.conformance import CASES, read_case
from tests.criteria.vocabulary import SCHEMA
from tests.criteria.worlds import make_world


@pytest.mark.parametrize("seed", range(100, 106))
def test_the_explanation_has_the_verdict(seed: int) -> None:
    world = make_world(seed, people=12)
    segments, reference = Segments(world.trees, SCHEMA, world.calendar), world.reference()
    for profile_id in world.people:
        person, visitor = world.person(profile_id, segments), world.visitor(profile_id)
        for key, tree in world.trees.items():
            explanation = explain(segments, key, person, world.now)
            assert explanation.member == reference.member(tree, visitor, world.now), (explanation, visitor)


def test_the_explanation_of_every_case() -> None:
    for name, (_, expected) in CASES.items():
        case = read_case(name)
        segments = case.segments()
        assert explain(segments, "it", case.person(segments), case.now).member is expected, name
