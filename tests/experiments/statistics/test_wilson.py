"""The interval of a proportion: against tables, and against what it promises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.experiments.statistics.wilson import Z95, wilson


@pytest.mark.parametrize(
    ("found", "of", "low", "high"),
    [
        # Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_intervals(found: int, of: int, low: float, high: float) -> None:
    assert wilson(found, of) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10**9).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_both_ends_are_where_the_score_test_turns(pair: tuple[int, int]) -> None:
    found, of = pair
    low, high = wilson(found, of)
    assert 0 <= low <= found / of + 1e-9 and found / of - 1e-9 <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            assert (found / of - end) ** 2 == pytest.approx(Z95**2 * end * (1 - end) / of, rel=1e-4, abs=1e-15)
    assert wilson(of - found, of) == pytest.approx((1 - high, 1 - low), abs=1e-12)
