"""A sample has its share of any run of ids, and other people for another seed."""

from __future__ import annotations

import pytest

from lenticular.criteria.sample import Sample, mixed


@pytest.mark.parametrize("seed", [0, 1, 7, 10**6])
@pytest.mark.parametrize("step", [1, 2, 1_000, 2**32])
def test_it_has_its_share_whatever_the_ids(seed: int, step: int) -> None:
    chosen = sum(Sample(0.1, seed).has(1 + at * step) for at in range(20_000))
    assert 1_830 < chosen < 2_170  # four standard deviations


def test_a_smaller_sample_lies_within_a_larger_one() -> None:
    ids = range(1, 5_000)
    small, large = Sample(0.01, 3), Sample(0.5, 3)
    assert {one for one in ids if small.has(one)} < {one for one in ids if large.has(one)}
    assert {one for one in ids if small.has(one)} != {one for one in ids if Sample(0.01, 4).has(one)}


def test_all_and_the_finaliser_is_the_published_one() -> None:
    assert all(Sample(1.0).has(one) for one in range(1_000))
    # fmix64(0) and fmix64(1) of MurmurHash3's reference implementation.
    assert (mixed(0x4CF2D2BAAE6DA887, 0), mixed(0x4CF2D2BAAE6DA886, 0)) == (0, 0xB456BCFC34C2CB2C)
