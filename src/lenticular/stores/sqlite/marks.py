"""A set that may be larger than memory: marks (64-bit hashes) in a file that the system deletes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable


class Marks:
    """A set of marks. SQLite keeps it in a temporary file of its own; used from one thread at a time."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA cache_size=-8192")
        self._file.execute("CREATE TABLE marks (mark INTEGER PRIMARY KEY)")

    def add(self, marks: Iterable[int]) -> set[int]:
        """Add marks; return those that were not there."""
        asked = set(marks)
        new = asked - self.among(asked)
        self._file.execute("BEGIN")
        self._file.executemany("INSERT INTO marks VALUES (?)", [(_signed(mark),) for mark in sorted(new)])
        self._file.execute("COMMIT")
        return new

    def among(self, marks: Iterable[int]) -> set[int]:
        """Return those of some marks that are there."""
        asked = {_signed(mark): mark for mark in marks}
        listed = f"[{','.join(map(str, sorted(asked)))}]"
        rows = self._file.execute("SELECT mark FROM marks WHERE mark IN (SELECT value FROM json_each(?))", (listed,))
        return {asked[signed] for (signed,) in rows}

    def close(self) -> None:
        """Forget all."""
        self._file.close()


def _signed(mark: int) -> int:
    return mark - (1 << 64) if mark >> 63 else mark
