"""Rows on their way to the events store: cut into batches once, forgotten when the events store has them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import msgspec

from lenticular.ports import Batch
from lenticular.stores.streams import is_stream, joined

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    count INTEGER NOT NULL, lines BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_by_name ON outbox (name, id);
CREATE TABLE IF NOT EXISTS cuts (name TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS quarantine (
    token TEXT PRIMARY KEY, name TEXT NOT NULL, line BLOB NOT NULL, reason TEXT NOT NULL
) WITHOUT ROWID;
"""


class SetAside(msgspec.Struct, frozen=True):
    """A row that the events store refused, by its batch's token, and why."""

    token: str
    table: str
    line: bytes
    reason: str


def put(
    connection: sqlite3.Connection,
    first: int,
    last: int,
    rows: Mapping[str, Sequence[bytes]],
    text: Mapping[str, tuple[int, bytes]],
) -> int:
    """Add the rows of one slice of the journal, per table, line by line and so many as they are; return how many."""
    slices = []
    for name in {**rows, **text}:
        lines, (count, more) = rows.get(name, ()), text.get(name, (0, b""))
        if lines or count:
            joined = b"\n".join([*lines, more] if count else lines)
            slices.append((name, first, last, len(lines) + count, joined))
    connection.executemany("INSERT INTO outbox (name, first, last, count, lines) VALUES (?, ?, ?, ?, ?)", slices)
    return sum(each[3] for each in slices)


def cut(connection: sqlite3.Connection, max_rows: int) -> None:
    """Fix where the next batch of each table ends, where that is not fixed already."""
    uncut = "SELECT DISTINCT name FROM outbox WHERE name NOT IN (SELECT name FROM cuts)"
    for (name,) in connection.execute(uncut).fetchall():
        total = upto = 0
        slices = connection.execute(
            "SELECT id, count, substr(lines, 1, 4) FROM outbox WHERE name = ? ORDER BY id", (name,)
        ).fetchall()
        for each, count, begin in slices:
            # Lines and streams don't go together.
            if upto and (total + count > max_rows or is_stream(begin) != is_stream(slices[0][2])):
                break
            total, upto = total + count, each
        connection.execute("INSERT INTO cuts VALUES (?, ?)", (name, upto))


def batches(connection: sqlite3.Connection) -> list[Batch]:
    """Return the batches that are cut."""
    found = []
    for name, upto in connection.execute("SELECT name, upto FROM cuts ORDER BY name").fetchall():
        slices = connection.execute(
            "SELECT first, last, count, lines FROM outbox WHERE name = ? AND id <= ? ORDER BY id", (name, upto)
        ).fetchall()
        found.append(
            Batch(
                table=name,
                first=slices[0][0],
                last=slices[-1][1],
                rows=sum(each[2] for each in slices),
                lines=_joined([each[3] for each in slices]),
            )
        )
    return found


def _joined(slices: list[bytes]) -> bytes:
    return joined(slices) if is_stream(slices[0]) else b"\n".join(slices)


def forget(connection: sqlite3.Connection, batch: Batch) -> int:
    """Drop a batch that was sent; return its number of rows, 0 if it was dropped before."""
    done = connection.execute(
        "SELECT sum(count) FROM outbox WHERE name = ? AND last <= ?", (batch.table, batch.last)
    ).fetchone()
    connection.execute("DELETE FROM outbox WHERE name = ? AND last <= ?", (batch.table, batch.last))
    connection.execute("DELETE FROM cuts WHERE name = ?", (batch.table,))
    return int(done[0] or 0)


def quarantine(connection: sqlite3.Connection, batch: Batch, reason: str) -> None:
    """Keep a row that the events store refuses, once."""
    connection.execute(
        "INSERT OR REPLACE INTO quarantine VALUES (?, ?, ?, ?)", (batch.token, batch.table, batch.lines, reason)
    )


def set_aside(connection: sqlite3.Connection) -> list[SetAside]:
    """Return the rows that were refused, in the order of their tokens."""
    rows = connection.execute("SELECT token, name, line, reason FROM quarantine ORDER BY token").fetchall()
    return [SetAside(*row) for row in rows]


def still_refused(connection: sqlite3.Connection, token: str, reason: str) -> None:
    """Note why a row was refused again."""
    connection.execute("UPDATE quarantine SET reason = ? WHERE token = ?", (reason, token))


def release(connection: sqlite3.Connection, tokens: Sequence[str]) -> None:
    """Forget rows that were refused."""
    connection.executemany("DELETE FROM quarantine WHERE token = ?", [(token,) for token in tokens])
