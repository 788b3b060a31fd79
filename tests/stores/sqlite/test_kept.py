"""What is kept of merges: written, replaced, forgotten when undone, and after thirty days."""

from __future__ import annotations

from pathlib import Path

from lenticular.ports import FoldResult
from lenticular.profiles.kept import KEPT_DAYS, Kept, keep
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.profiles import SqliteProfiles

DAY = 20_000


def result(upto: int, day: int, kept: dict[int, Kept | None]) -> FoldResult:
    return FoldResult(upto, [], {}, [], {}, {}, [(day, upto)], kept=kept)


def test_merges_are_kept_until_they_are_undone_or_too_old(tmp_path: Path) -> None:
    mine, theirs = Profile(1, 5, user_id="u", tallies={"k": [1]}, away={"j": "row"}), Profile(2, 6, anonymous_ids=["a"])
    first, second = keep(mine, theirs, 7, DAY), keep(mine, Profile(3, 8), 9, DAY + 1)
    store = SqliteProfiles(tmp_path)
    assert store.kept(2) is None
    store.commit(result(1, DAY + 1, {2: first, 3: second}))
    for _ in range(2):
        assert (store.kept(2), store.ahead([], []).kept(3)) == (first, second)
        store.close()
        store = SqliteProfiles(tmp_path)
    kept = store.kept(2)
    assert kept and kept.profiles() == (Profile(1, 5, user_id="u"), theirs)
    store.commit(result(2, DAY + KEPT_DAYS, {}))
    assert (store.kept(2), store.kept(3)) == (first, second)
    store.commit(result(3, DAY + KEPT_DAYS + 1, {}))
    assert (store.kept(2), store.kept(3)) == (None, second)
    store.commit(result(4, DAY + KEPT_DAYS + 1, {3: None}))
    assert store.kept(3) is None
    store.close()
