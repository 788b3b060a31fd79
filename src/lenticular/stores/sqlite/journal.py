"""The journal on SQLite: a table per day of arrival, one durable transaction per append (ADR 0004)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import msgspec

from lenticular.profiles.event import Event
from lenticular.profiles.sheet import Sheet
from lenticular.stores.sqlite.abort import Doubt
from lenticular.stores.sqlite.database import Database

DAY = 86_400_000
_GROUP = 256
"""Events per row: reading goes row by row, so a row must not be a whole burst."""
_PIECE, _PIECE_BYTES = 32, 1 << 20
"""Rows that are deleted at once, as far as these are about a megabyte: SQLite may have to overwrite it
(`secure_delete`)."""
_SIZES = ("page_count", "freelist_count", "page_size")

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Event]).decode
_decode_sheet = msgspec.msgpack.Decoder(Sheet).decode
_SHEET = b"\xc1"
"""What a row begins with that is a sheet: no MessagePack does."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class SqliteJournal:
    """`ports.Journal` in the file `journal.db` of a folder. One process owns it; with `to_read` it takes nothing."""

    def __init__(self, folder: Path, to_read: bool = False) -> None:
        self._database = Database(folder / "journal.db", _SCHEMA, to_read)
        self._lock = threading.Lock()
        self._doubt = None if to_read else Doubt(folder / "journal.doubt")
        with self._database.problems():
            self._days = stored_days(self._database.reader)
            self._last = stored_last(self._database.reader)

    def append(self, events: Sequence[Event]) -> range:
        """Write events durably (one fsync for all of them) and return their sequence numbers. Raises StoreError."""
        with self._lock:
            first = self._last + 1
            if not events:
                return range(first, first)
            self._write(list(enumerate(events, first)), events[-1].received)
            return range(first, self._last + 1)

    def append_sheet(self, sheet: Sheet) -> range:
        """Write the events of a sheet durably, in one row; return their sequence numbers. Raises StoreError."""
        with self._lock:
            numbers = range(self._last + 1, self._last + 1 + len(sheet))
            if numbers:
                self._put([(numbers[0], numbers[-1], _SHEET + _encode(sheet))], sheet.received)
            return numbers

    def take(self, pairs: Sequence[tuple[int, Event]]) -> None:
        """Write events of another copy of this journal durably, under the numbers that they have there.

        The numbers ascend, above `last`; some may be missing. Raises StoreError.
        """
        with self._lock:
            if pairs:
                self._write(pairs, pairs[-1][1].received)

    def _write(self, pairs: Sequence[tuple[int, Event]], received: int) -> None:
        self._put(
            [(group[0][0], group[-1][0], _encode([event for _, event in group])) for group in _groups(pairs)], received
        )

    def _put(self, rows: Sequence[tuple[int, int, bytes]], received: int) -> None:
        # A clock that steps back must not put later events into an earlier day's table.
        day = max([0, received // DAY, *self._days[-1:]])
        with self._database.transaction() as connection:
            if day not in self._days:
                connection.execute(
                    f"CREATE TABLE day_{day} (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, events BLOB NOT NULL)"
                )
            connection.executemany(f"INSERT INTO day_{day} VALUES (?, ?, ?)", rows)
        if day not in self._days:
            self._days = [*self._days, day]
        self._last = rows[-1][1]
        if self._doubt is not None:
            self._doubt.settle()

    def read(self, after: int, limit: int) -> list[tuple[int, Event]]:
        """Return up to `limit` events with a sequence number above `after`, in order. Raises StoreError."""
        found: list[tuple[int, Event]] = []
        for day in self._days:
            with self._database.problems():
                try:
                    rows = self._database.reader.execute(
                        f"SELECT first, events FROM day_{day} WHERE first > "
                        f"coalesce((SELECT max(first) FROM day_{day} WHERE first <= ?), 0) - 1 ORDER BY first",
                        (after + 1,),
                    )
                except sqlite3.OperationalError:
                    if day in self._days:
                        raise
                    continue  # let go of meanwhile
                for first, events in rows:
                    found += _events(events, first, after, limit)
                    if len(found) >= limit:
                        break
                rows.close()
            if len(found) >= limit:
                break
        return found[:limit]

    def last(self) -> int:
        """Return the newest sequence number, 0 for an empty journal."""
        return self._last

    def first(self) -> int:
        """Return the oldest sequence number that is here, 0 for none. Raises StoreError."""
        for day in self._days:
            with self._database.problems():
                found = self._database.reader.execute(f"SELECT min(first) FROM day_{day}").fetchone()
            if found[0] is not None:
                return int(found[0])
        return 0

    def forget(self, upto: int, before_day: int, most_bytes: int | None = None) -> int:
        """Let go of what arrived before a day, and of the oldest beyond so many bytes; of nothing above `upto`.

        Returns how many events went. They go by pieces, each a transaction of milliseconds, so that nobody who appends
        has to wait; the file keeps its size, and its free pages are used again. Raises StoreError.
        """
        gone = 0
        while piece := self._forget_piece(upto, before_day, most_bytes):
            gone += piece
        return gone

    def bytes(self) -> int:
        """Return how many bytes of the file are used. Raises StoreError."""
        with self._database.problems():
            ask = self._database.reader.execute
            pages, free, size = (ask(f"PRAGMA {what}").fetchone()[0] for what in _SIZES)
        return int((pages - free) * size)

    def _forget_piece(self, upto: int, before_day: int, most_bytes: int | None) -> int:
        with self._lock:
            if not self._days:
                return 0
            day = self._days[0]
            if day >= before_day and (most_bytes is None or self.bytes() <= most_bytes):
                return 0
            with self._database.transaction() as connection:
                rows = connection.execute(
                    f"SELECT first, last, length(events) FROM day_{day} WHERE last <= ? ORDER BY first LIMIT {_PIECE}",
                    (upto,),
                ).fetchall()
                if not rows:
                    return 0
                sizes = accumulate(size for _, _, size in rows)
                rows = rows[: max(sum(size <= _PIECE_BYTES for size in sizes), 1)]
                # The numbers go on even when every day is gone.
                connection.execute("INSERT OR REPLACE INTO meta VALUES ('last', ?)", (self._last,))
                connection.execute(f"DELETE FROM day_{day} WHERE first <= ?", (rows[-1][0],))
                empty = connection.execute(f"SELECT 1 FROM day_{day} LIMIT 1").fetchone() is None
                if empty:
                    connection.execute(f"DROP TABLE day_{day}")
            if empty:
                self._days = self._days[1:]
            return sum(last - first + 1 for first, last, _ in rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        if self._doubt is not None:
            self._doubt.close()

    def _last_of(self, day: int) -> int:
        with self._database.problems():
            found = self._database.reader.execute(f"SELECT max(last) FROM day_{day}").fetchone()
        return int(found[0] or 0)


def _events(content: bytes, first: int, after: int, limit: int) -> list[tuple[int, Event]]:
    """Return the events of a row whose numbers lie above `after`; of a sheet not more than `limit`."""
    if not content.startswith(_SHEET):
        return [pair for pair in enumerate(_decode(content), first) if pair[0] > after]
    sheet, start = _decode_sheet(memoryview(content)[1:]), max(after + 1 - first, 0)
    return list(enumerate(sheet.events(start, start + limit), first + start))


def _groups(pairs: Sequence[tuple[int, Event]]) -> Iterator[Sequence[tuple[int, Event]]]:
    """Cut events into rows: at most `_GROUP`, and no number is missing within one."""
    start = 0
    for at in range(1, len(pairs) + 1):
        if at == len(pairs) or at - start == _GROUP or pairs[at][0] != pairs[at - 1][0] + 1:
            yield pairs[start:at]
            start = at


def stored_days(connection: sqlite3.Connection) -> list[int]:
    """Return the days of arrival that a journal has, oldest first."""
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'day_*'").fetchall()
    return sorted(int(name.removeprefix("day_")) for (name,) in names)


def stored_last(connection: sqlite3.Connection) -> int:
    """Return the newest sequence number of a journal, 0 for an empty one."""
    kept = connection.execute("SELECT value FROM meta WHERE key = 'last'").fetchone()
    newest = [
        connection.execute(f"SELECT max(last) FROM day_{day}").fetchone()[0] or 0
        for day in stored_days(connection)[-1:]
    ]
    return max([kept[0] if kept else 0, *newest])
