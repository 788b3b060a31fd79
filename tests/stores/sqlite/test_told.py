"""Who was told to be inside, and what is still to be told: written with the profiles, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lenticular.errors import StoreError
from lenticular.ports import FoldResult
from lenticular.profiles.move import Move, Told, Watched
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.profiles import SqliteProfiles


def result(upto: int, told: Told | None) -> FoldResult:
    return FoldResult(upto, [Profile(1, 0)], {}, [], {}, {}, [], told=told)


def move(who: int, entered: bool = True, segment: str = "a") -> Move:
    return Move(segment, who, entered, 7, b"{}")


def test_moves_are_there_with_the_commit_that_caused_them(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    store.told.watch({"a": "r1", "b": "r2"}, 5)
    assert store.told.watched() == [Watched(one, rule, True, 0, 5) for one, rule in (("a", "r1"), ("b", "r2"))]
    store.commit(result(1, Told([move(1), move(2)], {("a", 1): True, ("a", 2): True, ("b", 2): False}, 7)))
    assert store.told.inside(["a", "b"], [1, 2, 3]) == {("a", 1), ("a", 2)}
    assert store.told.moves(0, 9) == [(1, move(1)), (2, move(2))] and store.told.moves(1, 9) == [(2, move(2))]
    never: Any = None
    with pytest.raises(StoreError):
        store.commit(result(2, Told([Move("a", 3, True, never, b"{}")], {("a", 3): True}, 8)))
    assert store.folded() == 1 and store.told.inside(["a"], [3]) == set()
    store.told.forget_moves(2)
    assert store.told.moves(0, 9) == [] and store.told.last_move() == 2
    store.close()
    again = SqliteProfiles(tmp_path)
    assert again.told.inside(["a"], [1]) == {("a", 1)} and again.told.last_move() == 2
    again.told.settle(Told([move(4)], {("a", 4): True}, 9), Watched("a", "r3", False, 5, 5, 8))
    assert again.told.moves(0, 9) == [(3, move(4))], "numbers are never used again"
    assert Watched("a", "r3", False, 5, 5, 8) in again.told.watched()
    again.close()


def test_who_is_gone_or_left_long_ago_is_forgotten(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    store.told.watch({"a": ""}, 0)
    store.told.settle(Told([], {("a", one): one != 2 for one in (1, 2, 3)}, 10))
    store.told.settle(Told([], {("a", 3): None, ("a", 4): False}, 20))
    assert store.told.inside(["a"], [1, 2, 3, 4]) == {("a", 1)}
    assert store.told.touched("a", 11) == [4] and store.told.touched("a", 0) == [1, 2, 4]
    store.told.forget_left("a", 15)
    assert store.told.touched("a", 0) == [1, 4]
    store.told.watch({"b": ""}, 0)
    assert store.told.touched("a", 0) == [] and [one.segment for one in store.told.watched()] == ["b"]
    assert store.told.last_move() == 0
    store.close()
