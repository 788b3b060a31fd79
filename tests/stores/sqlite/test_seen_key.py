"""Message ids are remembered under a key that only the store has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lenticular.ids import hash64, hasher, tie
from lenticular.ports import FoldResult
from lenticular.stores.sqlite.profiles import SqliteProfiles


def result(seen: list[tuple[int, int]]) -> FoldResult:
    return FoldResult(1, [], {}, [], {}, {}, seen)


def mark_of(folder: Path, new_key: Callable[[], bytes]) -> int:
    store = SqliteProfiles(folder, new_key)
    try:
        assert store.ahead([], []).mark("m") == store.mark("m")
        return store.mark("m")
    finally:
        store.close()


def test_each_store_has_a_key_of_its_own_and_keeps_it(tmp_path: Path) -> None:
    marks = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        marks.append(mark_of(folder, name.encode))
        assert mark_of(folder, lambda: b"a later one") == marks[-1]
    assert marks == [hasher(b"one")("m"), hasher(b"other")("m")]
    assert len({*marks, hash64("m")}) == 3


def test_a_store_that_remembers_messages_goes_on_without_a_key(tmp_path: Path) -> None:
    store = SqliteProfiles(tmp_path)
    with store._database.transaction() as connection:
        connection.execute("DROP TABLE seen_key")  # as it was before there were keys
    store.commit(result([(20_000, hash64("m"))]))
    store.close()
    for _ in range(2):
        store = SqliteProfiles(tmp_path, lambda: b"a key")
        assert store.has_seen([store.mark("m"), store.mark("other")]) == {hash64("m")}
        store.close()


def test_the_order_of_one_millisecond_needs_no_key() -> None:
    assert tie("m") == hash64("m") >> 1
    assert hash64("\ud800") != hash64("?")
