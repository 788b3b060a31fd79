"""What the profile store keeps of tallies: states in rows of their own, what is counted since when, who became whom."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from lenticular.ports import Counted
from lenticular.profiles.fold import Prepared
from lenticular.stores.sqlite.database import put_rows

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode

SCHEMA = """
INSERT OR IGNORE INTO meta VALUES ('generation', 0);
CREATE TABLE IF NOT EXISTS tallies (
    profile_id INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE (profile_id, key)
);
CREATE TABLE IF NOT EXISTS counted (
    key TEXT PRIMARY KEY, generation INTEGER NOT NULL, position INTEGER NOT NULL, last_id INTEGER NOT NULL,
    upto_id INTEGER NOT NULL, upto_seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS merged (id INTEGER PRIMARY KEY, survivor INTEGER NOT NULL);
"""


def get(connection: sqlite3.Connection, profile_id: int, key: str) -> Any:
    """Return a state, fresh each time; None if there is no such row."""
    row = connection.execute("SELECT value FROM tallies WHERE profile_id = ? AND key = ?", (profile_id, key)).fetchone()
    return None if row is None else _decode(row[0])


def put(connection: sqlite3.Connection, states: Mapping[tuple[int, str], Any]) -> None:
    """Write rows; drop those whose state is None."""
    gone = [at for at, state in states.items() if state is None]
    connection.executemany("DELETE FROM tallies WHERE profile_id = ? AND key = ?", gone)
    kept = [(*at, _encode(state)) for at, state in states.items() if state is not None]
    put_rows(connection, "INSERT OR REPLACE INTO tallies", kept)


def counted(connection: sqlite3.Connection) -> tuple[int, list[Counted]]:
    """Return the generation, and what is counted."""
    (generation,) = connection.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    rows = connection.execute(
        "SELECT key, generation, position, last_id, upto_id, upto_seq FROM counted ORDER BY key"
    ).fetchall()
    return generation, [
        Counted(key, began, position, last_id, (upto_id, upto_seq))
        for key, began, position, last_id, upto_id, upto_seq in rows
    ]


def count(connection: sqlite3.Connection, keys: Collection[str], position: int, last_id: int) -> None:
    """Count these tallies and no others; new ones from a position on, when profiles up to `last_id` were there."""
    generation, before = counted(connection)
    connection.executemany("DELETE FROM counted WHERE key = ?", [(one.key,) for one in before if one.key not in keys])
    new = sorted(set(keys) - {one.key for one in before})
    if new:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'generation'", (generation + 1,))
        rows = [(key, generation + 1, position, last_id, 1, 0) for key in new]  # profile 0 has the events of bots
        connection.executemany("INSERT INTO counted VALUES (?, ?, ?, ?, ?, ?)", rows)


def prepared(connection: sqlite3.Connection, how_far: Prepared) -> None:
    """Note how far the tallies of a generation are counted."""
    connection.execute(
        "UPDATE counted SET upto_id = ?, upto_seq = ? WHERE generation = ?", (*how_far.upto, how_far.generation)
    )


def survivors(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, int]:
    """Return into which profiles those of some ids that are gone were merged."""
    text = msgspec.json.encode(sorted(ids)).decode()
    rows = connection.execute("SELECT id, survivor FROM merged WHERE id IN (SELECT value FROM json_each(?))", (text,))
    return dict(rows.fetchall())


def merge(connection: sqlite3.Connection, merged: Mapping[int, int]) -> None:
    """Note who became whom."""
    put_rows(connection, "INSERT OR REPLACE INTO merged", list(merged.items()))
