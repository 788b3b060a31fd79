"""The message ids of the last 30 days, as 64-bit hashes: a table per day, dropped as a whole.

The hashes are keyed, so that nobody who sends messages can choose ids that meet. A store that remembered ids before
there were keys keeps the empty one.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from lenticular.stores.sqlite.database import put_rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen_key (only INTEGER PRIMARY KEY CHECK (only = 1), key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seen_runs (
    id INTEGER PRIMARY KEY, run INTEGER NOT NULL, level INTEGER NOT NULL, day INTEGER NOT NULL,
    first INTEGER NOT NULL, hashes BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS seen_runs_by_first ON seen_runs (run, first);
"""
KEPT = 30
"""Days."""
MOST_NEW = 50_000
"""Hashes that are known not to be there."""


class New:
    """Hashes that were asked for and are not there, until they are: an import asks first, and the fold asks again."""

    def __init__(self) -> None:
        self._hashes: set[int] = set()
        self._commits = 0
        self._lock = threading.Lock()

    def unsure(self, hashes: set[int]) -> set[int]:
        """Return those of some hashes that have to be looked for."""
        return hashes - self._hashes

    @contextmanager
    def asking(self, hashes: set[int]) -> Iterator[set[int]]:
        """Look for hashes inside the block, which adds what it finds: the others are new, if nothing was committed."""
        commits, found = self._commits, set[int]()
        yield found
        with self._lock:
            if commits == self._commits and len(hashes) > 1:
                if len(self._hashes) > MOST_NEW:
                    self._hashes.clear()
                self._hashes |= hashes - found

    def committed(self, hashes: Iterable[int]) -> None:
        """Note that hashes are there from now on; whoever waits for the commit must not be told before."""
        with self._lock:
            self._commits += 1
            self._hashes.difference_update(hashes)


def key_of(connection: sqlite3.Connection, new_key: Callable[[], bytes]) -> bytes:
    """Return the key of the hashes, made at first; to be called inside a transaction."""
    found = connection.execute("SELECT key FROM seen_key").fetchone()
    if found is None:
        key = b"" if days_of(connection) else new_key()
        connection.execute("INSERT INTO seen_key VALUES (1, ?)", (key,))
        return key
    return bytes(found[0])


def days_of(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Return the days that have a table, newest first."""
    names = connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'seen_[0-9]*'"
    ).fetchall()
    return tuple(sorted((int(name.removeprefix("seen_")) for (name,) in names), reverse=True))


def put(connection: sqlite3.Connection, days: Sequence[int], seen: Iterable[tuple[int, int]]) -> tuple[int, ...]:
    """Add (day of arrival, hash) pairs; return the days that have a table now, newest first."""
    kept = set(days)
    for day, pairs in groupby(sorted(seen), key=lambda pair: max(pair[0], 0)):
        if day not in kept:
            connection.execute(f"CREATE TABLE IF NOT EXISTS seen_{day} (hash INTEGER PRIMARY KEY)")
            kept.add(day)
        put_rows(connection, f"INSERT OR IGNORE INTO seen_{day}", [(_signed(mark),) for _, mark in pairs])
    return tuple(sorted(kept, reverse=True))


def newest_run(connection: sqlite3.Connection) -> int | None:
    """Return the newest day of which there are runs (`seen_runs`), None if there are none."""
    if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'seen_runs'").fetchone() is None:
        return None  # a folder of before, that is only read
    found = connection.execute("SELECT max(day) FROM seen_runs").fetchone()[0]
    return None if found is None else int(found)


def drop(connection: sqlite3.Connection, days: Iterable[int]) -> None:
    """Forget days. No reader may still ask for them."""
    for day in days:
        connection.execute(f"DROP TABLE IF EXISTS seen_{day}")


def among(connection: sqlite3.Connection, days: Sequence[int], hashes: Iterable[int]) -> set[int]:
    """Return those of the hashes that have been seen."""
    found: set[int] = set()
    asked = {_signed(mark): mark for mark in hashes} if days else {}
    if not asked:
        return found
    if len(asked) == 1:
        ((signed, mark),) = asked.items()
        for day in days:
            if connection.execute(f"SELECT 1 FROM seen_{day} WHERE hash = ?", (signed,)).fetchone():
                return {mark}
        return found
    # In order, so that neighbours lie on one page.
    text = f"[{','.join(map(str, sorted(asked)))}]"
    for day in days:
        rows = connection.execute(
            f"SELECT hash FROM seen_{day} WHERE hash IN (SELECT value FROM json_each(?))", (text,)
        )
        found.update(asked[signed] for (signed,) in rows)
    return found


def _signed(mark: int) -> int:
    return mark - (1 << 64) if mark >> 63 else mark
