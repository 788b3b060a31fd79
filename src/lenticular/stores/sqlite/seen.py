"""The message ids of the last 30 days, as 64-bit hashes: a table per day, dropped as a whole.

The hashes are keyed, so that nobody who sends messages can choose ids that meet. A store that remembered ids before
there were keys keeps the empty one.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from lenticular.stores.sqlite.database import put_rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen_key (only INTEGER PRIMARY KEY CHECK (only = 1), key BLOB NOT NULL);
"""
KEPT = 30
"""Days."""


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


def expired(days: Sequence[int]) -> tuple[int, ...]:
    """Return the days whose message ids need not be known any longer."""
    return tuple(day for day in days if day < days[0] - KEPT)


def drop(connection: sqlite3.Connection, days: Iterable[int]) -> None:
    """Forget days. No reader may still ask for them."""
    for day in days:
        connection.execute(f"DROP TABLE IF EXISTS seen_{day}")


def among(connection: sqlite3.Connection, days: Sequence[int], hashes: Iterable[int]) -> set[int]:
    """Return those of the hashes that have been seen."""
    asked = {_signed(mark): mark for mark in hashes}
    found: set[int] = set()
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
