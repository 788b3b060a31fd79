"""What is kept of merges, so that they can be undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import msgspec

from lenticular.profiles.kept import KEPT_DAYS, Kept

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode

SCHEMA = """
CREATE TABLE IF NOT EXISTS merges_kept (id INTEGER PRIMARY KEY, day INTEGER NOT NULL, value BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS merges_kept_by_day ON merges_kept (day);
"""


def get(connection: sqlite3.Connection, profile_id: int) -> Kept | None:
    """Return what is kept of the merge in which a profile went."""
    row = connection.execute("SELECT value FROM merges_kept WHERE id = ?", (profile_id,)).fetchone()
    return None if row is None else _decode(row[0])


def put(connection: sqlite3.Connection, kept: Mapping[int, Kept | None], today: int) -> None:
    """Keep merges, forget those that were undone, and on a day (since 1970) those that are too old."""
    for profile_id, each in kept.items():
        connection.execute("DELETE FROM merges_kept WHERE id = ?", (profile_id,))
        if each is not None:
            connection.execute("INSERT INTO merges_kept VALUES (?, ?, ?)", (profile_id, each.day, _encode(each)))
    connection.execute("DELETE FROM merges_kept WHERE day < ?", (today - KEPT_DAYS,))
