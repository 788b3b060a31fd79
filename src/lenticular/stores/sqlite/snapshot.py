"""A SQLite file as it was at one moment, copied while others write to it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from lenticular.stores.sqlite.database import problems_of

T = TypeVar("T")
_PAGES = 4_000
"""Copied at once: 16 MB, so that whoever waits for the interpreter gets it in between."""


class Snapshot:
    """Holds the moment at which it was made, until `close`: in a write-ahead log a reader sees one state.

    The log of the file grows meanwhile, and shrinks afterwards. Raises StoreError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with problems_of(path):
            # Not created when it is missing; read from whichever thread copies it.
            address = f"{path.resolve().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
            try:
                self._connection.execute("BEGIN")
                self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            except BaseException:
                self._connection.close()
                raise

    def copy(self, target: Path) -> None:
        """Write that moment's content to a new file, durably (sqlite.org/backup.html). Raises StoreError."""
        with problems_of(target):
            copied = sqlite3.connect(target)
            try:
                self._connection.backup(copied, pages=_PAGES, sleep=0)
                copied.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
            finally:
                copied.close()
        _sync(target)

    def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Return what that moment's content answers. Raises StoreError."""
        with problems_of(self._path):
            return question(self._connection)

    def close(self) -> None:
        """Let go of the moment."""
        self._connection.close()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
