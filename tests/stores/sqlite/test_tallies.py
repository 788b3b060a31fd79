"""Tallies in the profile store: rows of their own, what is counted since when, and who became whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lenticular.errors import StoreError
from lenticular.ports import Counted
from lenticular.profiles.fold import Prepared
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.profiles import SqliteProfiles
from tests.stores.sqlite.test_profiles import result

STATE = [[{1.5: True, "ü": True, 7: False}, [[2**62, -5, "x"]]], 3.0]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteProfiles]:
    store = SqliteProfiles(tmp_path)
    yield store
    store.close()


def test_a_row_comes_back_as_it_was_until_it_goes(store: SqliteProfiles) -> None:
    store.commit(result(1, tallies={(1, "k"): STATE, (1, "l"): [1], (2, "k"): [2]}))
    assert store.tally(1, "k") == store.ahead([], []).tally(1, "k") == STATE
    assert store.tally(1, "k") is not store.tally(1, "k")
    store.commit(result(2, tallies={(1, "k"): [9], (1, "l"): None, (3, "k"): None}))
    assert [store.tally(1, "k"), store.tally(1, "l"), store.tally(2, "k"), store.tally(3, "k")] == [
        [9],
        None,
        [2],
        None,
    ]


def test_a_row_and_its_profile_are_written_together_or_not_at_all(store: SqliteProfiles) -> None:
    store.commit(result(1, profiles=[Profile(1, 0, away={"k": "row"})], tallies={(1, "k"): [1]}, merged={5: 1}))
    store._database._writer.execute("PRAGMA query_only=1")
    with pytest.raises(StoreError):
        store.commit(result(2, profiles=[Profile(1, 0)], tallies={(1, "k"): None}, merged={6: 1}))
    store._database._writer.execute("PRAGMA query_only=0")
    assert (store.get(1), store.tally(1, "k")) == (Profile(1, 0, away={"k": "row"}), [1])
    assert store.survivors([5, 6]) == {5: 1}


def test_who_became_whom_follows_later_merges(store: SqliteProfiles) -> None:
    store.commit(result(1, merged={2: 1, 7: 3}))
    store.commit(result(2, merged={1: 3, 2: 3}))
    assert store.survivors([1, 2, 3, 4]) == {1: 3, 2: 3}
    assert store.survivors([]) == {}


def test_what_is_counted_is_counted_since_a_position(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    assert store.counted() == (0, [])
    store.count(["a"])
    store.commit(result(9, profiles=[Profile(4, 0)]))
    store.count(["a", "b", "c"])
    # Before the first profile there is no past.
    first, second = Counted("a", 1, 0, 0, (1, 0)), Counted("b", 2, 9, 4, (1, 0))
    for _ in range(2):
        generation, found = store.counted()
        assert (generation, found[:2]) == (2, [first, second])
        assert [one.complete for one in found] == [True, False, False]
        store.close()
        store = SqliteProfiles(tmp_path)
    store.commit(result(9, prepared=Prepared(2, (3, 8))))
    assert [one.upto for one in store.counted()[1]] == [(1, 0), (3, 8), (3, 8)]
    assert not store.counted()[1][1].complete
    store.commit(result(9, prepared=Prepared(2, (5, 0))))
    assert [one.complete for one in store.counted()[1]] == [True, True, True]
    store.close()


def test_a_tally_that_was_dropped_begins_a_new_life(store: SqliteProfiles) -> None:
    store.count(["a", "b"])
    store.count(["b"])
    assert [one.key for one in store.counted()[1]] == ["b"]
    store.commit(result(5))
    store.count(["b", "a"])
    assert [(one.key, one.generation, one.position) for one in store.counted()[1]] == [("a", 2, 5), ("b", 1, 0)]
