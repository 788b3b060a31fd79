"""Message ids of files are remembered in runs: all of them, for thirty days, also after a restart."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from lenticular.profiles.event import Event
from lenticular.profiles.fold import FoldResult
from lenticular.profiles.laid import Laid
from lenticular.profiles.sheet import sheet_of
from lenticular.stores.sqlite import seen_runs
from lenticular.stores.sqlite.profiles import SqliteProfiles

DAY = 86_400_000
EXTREMES = [0, 1, 2**63 - 1, 2**63, 2**64 - 1]


def result(upto: int, day: int, marks: list[int]) -> FoldResult:
    """Return what folding a sheet that arrived on a day gives, as far as its marks go."""
    events = [Event("track", f"m{mark}", 0, day * DAY, user_id="u", name="Seen", imported=True) for mark in marks]
    nothing = [0] * len(marks)
    laid = Laid(sheet_of(events), 1, marks, nothing, nothing, nothing, [], frozenset(), [], [], [range(len(marks))])
    return FoldResult(upto, [], {}, [], {}, {}, [], laid=[laid])


def test_all_that_was_put_is_there_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_runs, "_PIECE", 7)
    dice = random.Random(5)
    put: set[int] = set()
    store = SqliteProfiles(tmp_path)
    for upto in range(1, 75):
        marks = list({*(dice.getrandbits(64) for _ in range(20)), *(EXTREMES if upto == 9 else [])})
        store.commit(result(upto, 20_000, marks))
        put.update(marks)
        assert store.has_seen(marks) == set(marks)
    others = {dice.getrandbits(64) for _ in range(2_000)} - put
    assert store.has_seen([*put, *others]) == put
    levels = store._database.reader.execute("SELECT level, count(DISTINCT run) FROM seen_runs GROUP BY level")
    assert dict(levels.fetchall()) == {0: 2, 1: 1, 2: 1}
    store.close()
    store = SqliteProfiles(tmp_path)
    assert store.ahead([], [*put, *others]).has_seen([*put, *others]) == put
    assert [mark for mark in EXTREMES if not store.has_seen([mark])] == []
    store.close()


def test_they_are_forgotten_after_thirty_days(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    store.commit(result(1, 20_000, [1, 2]))
    store.commit(result(2, 20_030, [3]))
    assert store.has_seen([1, 2, 3]) == {1, 2, 3}
    store.commit(FoldResult(3, [], {}, [], {}, {}, [(20_031, 4)]))
    assert store.has_seen([1, 2, 3, 4]) == {3, 4}
    store.commit(FoldResult(4, [], {}, [], {}, {}, [(20_031, 5)]))
    rows = store._database.reader.execute("SELECT DISTINCT day FROM seen_runs").fetchall()
    assert rows == [(20_030,)]
    store.close()


def test_the_filter_forgets_nothing_and_is_seldom_wrong() -> None:
    dice = random.Random(6)
    put = seen_runs.array_of([dice.getrandbits(64) for _ in range(50_000)])
    other = seen_runs.array_of([dice.getrandbits(64) for _ in range(50_000)])
    found = seen_runs.Filter(len(put))
    found.add(put)
    assert found.among(put).tolist() == put.tolist()
    assert len(found.among(other)) < 50
    assert not found.full


def test_a_filter_grows_with_what_it_holds(tmp_path: Path) -> None:
    dice = random.Random(7)
    store, put = SqliteProfiles(tmp_path), set[int]()
    for upto in range(1, 9):
        marks = [dice.getrandbits(64) for _ in range(5_000)]
        store.commit(result(upto, 20_000, marks))
        put.update(marks)
    found = store._remembered._filter
    assert found is not None and not found.full
    assert len(found.among(seen_runs.array_of([dice.getrandbits(64) for _ in range(50_000)]))) < 500
    assert store.has_seen(put) == put
    store.close()
