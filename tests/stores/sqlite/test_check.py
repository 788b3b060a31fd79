"""Whether profiles and identities agree is looked at a few at a time, and seen whatever page it lies on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lenticular.profiles.fold import FoldResult
from lenticular.profiles.profile import Profile
from lenticular.stores.sqlite.check import Agreement, agreement
from lenticular.stores.sqlite.profiles import SqliteProfiles

COUNT = 130


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """Profiles and their identities: two each, none of the last, an unreadable one on the second page."""
    store = SqliteProfiles(tmp_path)
    made = [Profile(each, 0, 1, f"u{each}", [f"a{each}"]) for each in range(1, COUNT)]
    names = {name: each.id for each in made for name in each.names}
    store.commit(FoldResult(COUNT, [*made, Profile(COUNT, 0)], names, [], {}, {}, []))
    with store._database.transaction() as connection:
        connection.execute("UPDATE profiles SET value = x'c1' WHERE id = 60")
    yield tmp_path / "profiles.db"
    store.close()


def test_others_go_on_in_between(file: Path) -> None:
    emptied = []

    def rest() -> None:
        """No reader holds up the write-ahead log."""
        with closing(sqlite3.connect(file)) as other:
            emptied.append(other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone())

    assert agreement(file, rest) == Agreement(COUNT, 0, 1, 0, 1, False)
    assert len(emptied) >= COUNT // 50 and all(busy == 0 for busy, *_ in emptied)


def test_what_does_not_agree_is_counted_and_mended_on_every_page(file: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(file)) as other, other:
        other.execute("DELETE FROM identities WHERE value IN ('a1', 'u75', 'a128')")
        other.execute("INSERT INTO identities VALUES ('user', 'nobody', 9999)")
        other.execute("UPDATE meta SET value = 7 WHERE key = 'next_id'")
    assert agreement(file, lambda: None) == Agreement(COUNT, 1, 1, 3, 1, True)
    rested = []
    store = SqliteProfiles(tmp_path)
    try:
        assert store.mend(lambda: rested.append(1)) == 4
        assert store.mend(lambda: None) == 0
    finally:
        store.close()
    assert len(rested) >= COUNT // 50
    assert agreement(file, lambda: None) == Agreement(COUNT, 0, 1, 0, 1, False)
