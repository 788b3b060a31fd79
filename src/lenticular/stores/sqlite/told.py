"""Who was told to be inside which segment, and the moves that are still to be told: in the profiles' own file.

A commit of the profiles writes both with what caused them, so that no move is lost or told twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping

import msgspec

from lenticular.profiles.move import Move, Told, Watched
from lenticular.stores.sqlite.database import Database, put_rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS told (
    segment TEXT NOT NULL, profile_id INTEGER NOT NULL, inside INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (segment, profile_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS watched (
    segment TEXT PRIMARY KEY, rule TEXT NOT NULL, new INTEGER NOT NULL, upto INTEGER NOT NULL, last INTEGER NOT NULL,
    checked INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moves (
    id INTEGER PRIMARY KEY AUTOINCREMENT, segment TEXT NOT NULL, profile_id INTEGER NOT NULL,
    entered INTEGER NOT NULL, at INTEGER NOT NULL, person BLOB NOT NULL
);
"""
_IN = "(SELECT value FROM json_each(?))"


class SqliteTold:
    """What the file of the profiles keeps of moves. Reads come from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def watched(self) -> list[Watched]:
        """Return what is watched."""
        with self._database.problems():
            rows = self._database.reader.execute(
                "SELECT segment, rule, new, upto, last, checked FROM watched"
            ).fetchall()
        return [Watched(segment, rule, bool(new), *rest) for segment, rule, new, *rest in rows]

    def watch(self, segments: Mapping[str, str], last: int) -> None:
        """Watch these segments (key: rule) and no others; of new ones everyone up to `last` is to be looked at."""
        with self._database.transaction() as connection:
            kept = _json(sorted(segments))
            for table in ("told", "watched"):
                connection.execute(f"DELETE FROM {table} WHERE segment NOT IN {_IN}", (kept,))
            rows = [(segment, rule, 1, 0, last, 0) for segment, rule in segments.items()]
            connection.executemany("INSERT OR IGNORE INTO watched VALUES (?, ?, ?, ?, ?, ?)", rows)

    def inside(self, segments: Collection[str], profile_ids: Collection[int]) -> set[tuple[str, int]]:
        """Return which of some people were told to be inside which segments."""
        with self._database.problems():
            (found,) = self._database.reader.execute(
                f"SELECT json_group_array(json_array(segment, profile_id)) FROM told WHERE segment IN {_IN}"
                f" AND profile_id IN {_IN} AND inside = 1",
                (_json(sorted(segments)), _json(sorted(profile_ids))),
            ).fetchone()
        return {(segment, profile_id) for segment, profile_id in msgspec.json.decode(found)}

    def settle(self, told: Told, watched: Watched | None = None) -> None:
        """Write moves that no commit brought, and how far the looking at everyone is."""
        with self._database.transaction() as connection:
            put(connection, told)
            if watched is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO watched VALUES (?, ?, ?, ?, ?, ?)", msgspec.structs.astuple(watched)
                )

    def touched(self, segment: str, since: int) -> list[int]:
        """Return the people of whom something was told since a moment (ms)."""
        with self._database.problems():
            rows = self._database.reader.execute(
                "SELECT profile_id FROM told WHERE segment = ? AND at >= ?", (segment, since)
            ).fetchall()
        return [profile_id for (profile_id,) in rows]

    def forget_left(self, segment: str, before: int) -> None:
        """Forget who left before a moment (ms): who is not there is outside."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM told WHERE segment = ? AND inside = 0 AND at < ?", (segment, before))

    def moves(self, after: int, limit: int) -> list[tuple[int, Move]]:
        """Return moves that are to be told, in order, each with its number."""
        with self._database.problems():
            rows = self._database.reader.execute(
                "SELECT id, segment, profile_id, entered, at, person FROM moves WHERE id > ? ORDER BY id LIMIT ?",
                (after, limit),
            ).fetchall()
        return [
            (number, Move(segment, who, bool(entered), at, person))
            for number, segment, who, entered, at, person in rows
        ]

    def forget_moves(self, upto: int) -> None:
        """Forget moves that were told."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM moves WHERE id <= ?", (upto,))

    def last_move(self) -> int:
        """Return the number of the newest move that there ever was."""
        with self._database.problems():
            row = self._database.reader.execute("SELECT seq FROM sqlite_sequence WHERE name = 'moves'").fetchone()
        return 0 if row is None else int(row[0])


def put(connection: sqlite3.Connection, told: Told) -> None:
    """Write moves, and whom was told to be inside."""
    gone = [at for at, inside in told.inside.items() if inside is None]
    connection.executemany("DELETE FROM told WHERE segment = ? AND profile_id = ?", gone)
    kept = [(*at, int(inside), told.at) for at, inside in told.inside.items() if inside is not None]
    put_rows(connection, "INSERT OR REPLACE INTO told", kept)
    moves = [(one.segment, one.profile_id, int(one.entered), one.at, one.person) for one in told.moves]
    put_rows(connection, "INSERT INTO moves (segment, profile_id, entered, at, person)", moves)


def _json(values: Iterable[object]) -> str:
    return msgspec.json.encode(list(values)).decode()
