"""Which messages were accepted in the last 30 days: those that came one by one, and those of files."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lenticular.stores.sqlite import seen

if TYPE_CHECKING:
    from lenticular.stores.sqlite.seen_runs import Filter

_NEVER = -(1 << 62)
Together = Sequence[tuple[int, Sequence[int]]]
"""(day of arrival, hashes) of messages that are remembered as they came, many at once."""


class Remembered:
    """The hashes of message ids that a store has. `connection` reads what it has so far."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._days = seen.days_of(connection)
        self._newest_run = seen.newest_run(connection)
        self._expired: tuple[int, ...] = ()
        self._new = seen.New()
        self._filter: Filter | None = None
        self._filling = threading.Lock()

    @property
    def newest(self) -> int:
        """The newest day of which something is remembered."""
        return max([self._newest_run or 0, *self._days])

    def put(self, connection: sqlite3.Connection, singly: Iterable[tuple[int, int]], together: Together) -> int:
        """Add hashes, inside a transaction; return the newest day of which something is remembered."""
        seen.drop(connection, self._expired)
        days = seen.put(connection, self._days, singly)
        if together:
            self._put_runs(connection, together)
        newest = max([self._newest_run or 0, *days])
        if self._newest_run is not None:
            connection.execute("DELETE FROM seen_runs WHERE day < ?", (newest - seen.KEPT,))
        self._next = days
        return newest

    def committed(self, hashes: Iterable[int], newest: int) -> None:
        """Note that the transaction is written, in which these hashes were put."""
        self._new.committed(hashes)
        # Readers stop asking for a day now; its table goes with the next commit, when none asks any more.
        self._expired = tuple(day for day in self._next if day < newest - seen.KEPT)
        self._days = tuple(day for day in self._next if day not in self._expired)

    def has(self, reader: sqlite3.Connection, hashes: set[int]) -> set[int]:
        """Return those of some hashes that are remembered."""
        with self._new.asking(hashes) as found:
            found |= self._among(reader, hashes)
        return found

    def ahead(self, reader: sqlite3.Connection, hashes: set[int]) -> set[int]:
        """Return those of some hashes that are remembered; those that were just asked for are not looked for again."""
        return self._among(reader, self._new.unsure(hashes))

    def _among(self, reader: sqlite3.Connection, hashes: set[int]) -> set[int]:
        found = seen.among(reader, self._days, hashes)
        if self._newest_run is not None and hashes:
            from lenticular.stores.sqlite import seen_runs  # NumPy, which a start without them need not wait for

            likely = self._filled(reader).among(seen_runs.array_of(hashes)).tolist()
            if likely:
                found |= seen_runs.among(reader, likely, self.newest - seen.KEPT)
        return found

    def _put_runs(self, connection: sqlite3.Connection, together: Together) -> None:
        from lenticular.stores.sqlite import seen_runs  # likewise

        filter_ = self._filled(connection)
        for day, hashes in together:
            marks = seen_runs.array_of(hashes)
            filter_.add(marks)  # before anyone can ask for what is there
            self._newest_run = max(day, self._newest_run or _NEVER)
            seen_runs.put(connection, day, marks)
        if filter_.full:
            with self._filling:
                self._filter = seen_runs.filled(connection)

    def _filled(self, connection: sqlite3.Connection) -> Filter:
        from lenticular.stores.sqlite import seen_runs

        with self._filling:
            if self._filter is None:
                self._filter = seen_runs.filled(connection)
            return self._filter
