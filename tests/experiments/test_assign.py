"""Drawing lots: evenly, the same every time, and one draw says nothing of another."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from lenticular.experiments.assign import belongs, place_of

MANY = 1_000_000
_PARTS = 100


def test_a_million_ids_are_spread_evenly_and_independently() -> None:
    dice = Random(7)
    single, other = [0] * _PARTS, [0] * _PARTS
    both = [0] * (10 * 10)
    for at in range(MANY):
        # Ids as they are: some count up, some are random.
        visitor = f"visitor-{at}" if at % 2 else f"{dice.getrandbits(128):032x}"
        one, two = place_of("holdout shop", visitor), place_of("holdout shop promo students", visitor)
        single[int(one * _PARTS)] += 1
        other[int(two * _PARTS)] += 1
        both[int(one * 10) * 10 + int(two * 10)] += 1
    # Pearson's chi-squared, 99 degrees of freedom: below 160 in all but one of ten thousand fair draws.
    for counts in (single, other, both):
        expected = MANY / len(counts)
        assert sum((count - expected) ** 2 / expected for count in counts) < 160


@given(st.text(max_size=20), st.text(max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_who_belongs_to_a_share_belongs_to_a_larger_one(draw: str, visitor: str, one: float, two: float) -> None:
    small, large = sorted((one, two))
    assert belongs(draw, visitor, large) or not belongs(draw, visitor, small)
    assert not belongs(draw, visitor, 0) and belongs(draw, visitor, 1)


def test_lots_do_not_change_with_a_new_version() -> None:
    drawn = {visitor: round(place_of("holdout shop", visitor), 6) for visitor in ("a1", "u1", "é")}
    assert drawn == {"a1": 0.446166, "u1": 0.300277, "é": 0.513745}
