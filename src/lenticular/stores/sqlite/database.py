"""One SQLite file: opened for durable writes, with problems a person can read."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType

from lenticular.errors import Problem, StoreError


class _Problems:
    """A context manager that may be entered any number of times, at the price of two calls: reads are many."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, sqlite3.Error):
            raise StoreError(_problem(error, self._path)) from error


def owned(path: Path) -> str:
    """Return the address of a file that no other process opens for as long as this one has it.

    What its connections share about the write-ahead log is then in memory (sqlite.org/vfs.html, `unix-excl`). A file
    beside the log would be mapped, and a file system that turns read-only ends a process that writes to a mapped file.
    """
    return f"{path.absolute().as_uri()}?vfs=unix-excl"


def frozen(path: Path) -> str:
    """Return the address of a file in a folder that nobody can write to, with the write-ahead log that lies there.

    Reading a log takes a place for what its readers share. With the locking mode `EXCLUSIVE` that is the connection's
    own memory, and there is nobody to lock out. Where no log lies the file is all there is.
    """
    how = "vfs=unix-none" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return f"{path.absolute().as_uri()}?mode=ro&{how}"


class Database:
    """A file with one writing connection and a reading connection per thread; with `to_read` none of them writes.

    WAL with `synchronous=FULL`: a transaction that returned is on disk, and readers are never blocked.
    """

    def __init__(self, path: Path, schema: str, to_read: bool = False) -> None:
        self.path, self.to_read = path, to_read
        self._problems = _Problems(path)
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        if not path.parent.is_dir():
            raise StoreError(
                Problem(
                    "data_missing",
                    "The data folder does not exist.",
                    str(path.parent),
                    "Create it, or name another one with --data.",
                )
            )
        with self.problems():
            self._writer = self._connect()
            if to_read:
                return
            try:
                self._writer.execute("PRAGMA journal_mode=WAL")
                self._writer.execute("PRAGMA synchronous=FULL")
                # 32 MB: pages that change again and again reach the file once.
                self._writer.execute("PRAGMA wal_autocheckpoint=8000")
                self._writer.executescript(f"BEGIN IMMEDIATE; {schema} COMMIT;")
            except BaseException:
                self._writer.close()
                raise

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            frozen(self.path) if self.to_read else owned(self.path),
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=10,
            cached_statements=256,
        )
        if self.to_read:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA mmap_size=268435456")
        connection.execute("PRAGMA cache_size=-16384")
        return connection

    @property
    def reader(self) -> sqlite3.Connection:
        """The calling thread's connection for reading."""
        found: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if found is None:
            with self.problems():
                found = self._local.reader = self._connect()
            self._readers.append(found)
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all of it is on disk when this ends, or nothing. Raises StoreError."""
        with self._lock, self.problems():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def problems(self) -> AbstractContextManager[None]:
        """Turn SQLite's errors into StoreErrors that say where and what to do."""
        return self._problems

    def close(self) -> None:
        """Close every connection; the file is whole at any moment anyway."""
        with self._lock:
            for reader in self._readers:
                reader.close()
            self._readers.clear()
            self._writer.close()


def put_rows(connection: sqlite3.Connection, insert: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows (`insert` ends before VALUES), many per statement.

    Each statement lets go of the interpreter and has to get it back from a busy event loop; per row, as
    `executemany` does, that takes longer than the writing.
    """
    at = 0
    for size in (256, 32, 4, 1):
        while len(rows) - at >= size:
            part = rows[at : at + size]
            one = f"({', '.join('?' * len(part[0]))})"
            connection.execute(f"{insert} VALUES {', '.join([one] * size)}", [value for row in part for value in row])
            at += size


def problems_of(path: Path) -> AbstractContextManager[None]:
    """Turn SQLite's errors about a file into StoreErrors that say where and what to do."""
    return _Problems(path)


_WRITE = "Give the server's user the right to read and write it; look at the disk if it became so by itself."
_RESTORE = "Restore it from a backup."
_HINTS = {
    "SQLITE_READONLY": ("data_read_only", "The data folder is read-only.", _WRITE),
    "SQLITE_CANTOPEN": ("data_unreadable", "The file can't be opened.", _WRITE),
    "SQLITE_FULL": ("disk_full", "The disk is full.", "Free some space; what was answered with 200 is safe."),
    "SQLITE_BUSY": ("data_in_use", "Another process is writing to the file.", "Stop it, or ask it instead."),
    "SQLITE_CORRUPT": ("data_corrupt", "The file is damaged.", _RESTORE),
    "SQLITE_NOTADB": ("data_corrupt", "The file is not a SQLite database.", _RESTORE),
}


def refuses(folder: Path) -> bool:
    """Return whether a folder is read-only, of which SQLite says no more than that writing failed."""
    try:
        with TemporaryFile(dir=folder):
            return False
    except OSError as error:
        return error.errno in (errno.EROFS, errno.EACCES, errno.EPERM)


def _problem(error: sqlite3.Error, path: Path) -> Problem:
    name = getattr(error, "sqlite_errorname", None) or ""
    for prefix, (code, message, hint) in _HINTS.items():
        if name.startswith(prefix):
            return Problem(code, message, str(path), hint)
    if name.startswith("SQLITE_IOERR") and refuses(path.parent):
        code, message, hint = _HINTS["SQLITE_READONLY"]
        return Problem(code, message, str(path), hint)
    return Problem("data_error", f"SQLite says: {error}.", str(path), "Look at the disk and the folder's rights.")
