"""The message ids of files, as 64-bit hashes: sorted runs, of which some become a longer one now and then.

Hashes lie anywhere, so in one large table each of ten thousand changes a page of its own. A run is written as it comes,
and small runs are merged, eight at a time: a hash is written four times at most, but never alone. Whether any of them
has a hash is told by a filter in memory (B. Bloom, 1970) that is wrong in one case of some hundred, and then looked at.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator

import numpy as np
import numpy.typing as npt

_PIECE = 4_096
"""Hashes in one row of the table."""
_TOGETHER, _HIGHEST = 8, 3
"""So many runs of one level and day become one of the next level, up to the highest."""
_LEAST, _MOST, _ASKED = 17, 27, 4
"""The filter has between 2 ** 17 and 2 ** 27 bits (16 MB), of which each hash sets four."""
_ROOM, _FULL = 32, 12
"""Bits for each hash when a filter is made, and when it is so full that a larger one should be.

It errs once in 150 then; the largest does with eleven million.
"""

Hashes = npt.NDArray[np.uint64]


class Filter:
    """Tells of hashes whether they may have been added. Reading and adding may go on at the same time."""

    def __init__(self, expected: int) -> None:
        bits = min(max(_LEAST, (expected * _ROOM).bit_length()), _MOST)
        self._size, self._largest, self._count = 1 << bits, bits == _MOST, 0
        self._bits = np.zeros(self._size >> 3, np.uint8)
        self._lock = threading.Lock()

    @property
    def full(self) -> bool:
        """Whether a larger one should be made."""
        return not self._largest and self._count * _FULL > self._size

    def add(self, hashes: Hashes) -> None:
        """Add hashes."""
        with self._lock:
            self._count += len(hashes)
            for places in self._places(hashes):
                np.bitwise_or.at(self._bits, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))

    def among(self, hashes: Hashes) -> Hashes:
        """Return those that may have been added."""
        added = np.ones(len(hashes), np.bool_)
        for places in self._places(hashes):
            added &= (self._bits[places >> 3] >> (places & 7).astype(np.uint8)) & 1 == 1
        return hashes[added]

    def _places(self, hashes: Hashes) -> Iterator[npt.NDArray[np.int64]]:
        """Yield, for each bit that a hash sets, its place (A. Kirsch, M. Mitzenmacher, "Less Hashing", 2006)."""
        one, other = hashes & np.uint64(0xFFFFFFFF), (hashes >> np.uint64(32)) | np.uint64(1)
        for at in range(_ASKED):
            yield ((one + np.uint64(at) * other) & np.uint64(self._size - 1)).astype(np.int64)


def filled(connection: sqlite3.Connection) -> Filter:
    """Return a filter of all that the runs have."""
    (count,) = connection.execute("SELECT coalesce(sum(length(hashes)), 0) / 8 FROM seen_runs").fetchone()
    found = Filter(count)
    for (hashes,) in connection.execute("SELECT hashes FROM seen_runs"):
        found.add(np.frombuffer(hashes, "<i8").view(np.uint64))
    return found


def array_of(hashes: Collection[int]) -> Hashes:
    """Return hashes as an array."""
    return np.fromiter(hashes, np.uint64, len(hashes))


def put(connection: sqlite3.Connection, day: int, hashes: Hashes) -> None:
    """Add the hashes of messages that arrived on a day."""
    _add(connection, 0, day, np.sort(hashes.view(np.int64)))
    for level in range(_HIGHEST):
        runs = connection.execute(
            "SELECT DISTINCT run FROM seen_runs WHERE level = ? AND day = ?", (level, day)
        ).fetchall()
        if len(runs) < _TOGETHER:
            return
        of_these = "FROM seen_runs WHERE level = ? AND day = ?"
        rows = connection.execute(f"SELECT hashes {of_these} ORDER BY run, first", (level, day)).fetchall()
        connection.execute(f"DELETE {of_these}", (level, day))
        merged = np.concatenate([np.frombuffer(piece, "<i8") for (piece,) in rows])
        _add(connection, level + 1, day, np.sort(merged, kind="stable"))


def _add(connection: sqlite3.Connection, level: int, day: int, hashes: npt.NDArray[np.int64]) -> None:
    (run,) = connection.execute("SELECT coalesce(max(run), 0) + 1 FROM seen_runs").fetchone()
    pieces = [hashes[at : at + _PIECE] for at in range(0, len(hashes), _PIECE)]
    connection.executemany(
        "INSERT INTO seen_runs (run, level, day, first, hashes) VALUES (?, ?, ?, ?, ?)",
        [(run, level, day, int(piece[0]), piece.astype("<i8").tobytes()) for piece in pieces],
    )


def among(connection: sqlite3.Connection, hashes: Iterable[int], since: int) -> set[int]:
    """Return those of some hashes, which should be few, that the runs have of the days since one."""
    asked = connection.execute("SELECT DISTINCT run FROM seen_runs WHERE day >= ?", (since,))
    runs = [run for (run,) in asked.fetchall()]
    found: set[int] = set()
    for mark in hashes:
        signed = mark - (1 << 64) if mark >> 63 else mark
        if any(_has(connection, run, signed) for run in runs):
            found.add(mark)
    return found


def _has(connection: sqlite3.Connection, run: int, signed: int) -> bool:
    row = connection.execute(
        "SELECT hashes FROM seen_runs WHERE run = ? AND first <= ? ORDER BY first DESC LIMIT 1", (run, signed)
    ).fetchone()
    if row is None:
        return False
    piece = np.frombuffer(row[0], "<i8")
    at = int(np.searchsorted(piece, signed))
    return at < len(piece) and int(piece[at]) == signed
