"""Weights of topics: by hand, and against floating point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.criteria.interests import DECAY, HALF_LIFE, HORIZON, INTERESTED, topics, weight

TODAY = 20_000


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        ({}, 0.0),
        ({TODAY: 1}, 1.0),
        ({TODAY - HALF_LIFE: 1}, 0.5),
        ({TODAY - 2 * HALF_LIFE: 3, TODAY: 2}, 2.75),
        ({TODAY - HORIZON: 1}, 0.000977),
        ({TODAY - HORIZON - 1: 1_000}, 0.0),
        ({TODAY + 1: 5}, 0.0),
    ],
)
def test_a_view_counts_half_after_thirty_days(views: dict[int, int], expected: float) -> None:
    assert weight({"travel": views}, "travel", TODAY) == expected


def test_a_topic_never_seen_weighs_nothing() -> None:
    assert weight({"travel": {TODAY: 1}}, "cars", TODAY) == 0.0


@given(st.dictionaries(st.integers(TODAY - HORIZON, TODAY), st.integers(1, 1_000), max_size=20))
def test_the_table_is_the_formula(views: dict[int, int]) -> None:
    exact = sum(count * 2 ** ((day - TODAY) / 30) for day, count in views.items())
    assert abs(weight({"t": views}, "t", TODAY) - exact) <= 0.5e-6 * sum(views.values()) + 1e-9


def test_decay_never_rises() -> None:
    assert len(DECAY) == HORIZON + 1
    assert all(DECAY[age] >= DECAY[age + 1] for age in range(HORIZON))


def test_interests_are_the_heavy_topics_in_order() -> None:
    views = {
        "cars": {TODAY: 1},
        "travel": {TODAY: 2},
        "banks": {TODAY: 1},
        "art": {TODAY - HALF_LIFE: 1},
        "chess": {TODAY - HALF_LIFE - 1: 1},
    }
    assert topics(views, TODAY) == ["travel", "banks", "cars", "art"]
    assert weight(views, "art", TODAY) == INTERESTED
