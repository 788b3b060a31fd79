"""One relational database: SQLite in the data folder, or PostgreSQL by a SQLAlchemy URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.stores.sql.migrate import migrate, must_be_new
from lenticular.stores.sqlite.database import frozen, owned

_SETTING = "LENTICULAR_DATABASE"
_HINT = "Write a SQLAlchemy URL such as postgresql+psycopg://user:password@host/name, or unset it."
THREADS = 4
"""So many connections are kept, one for each thread that asks."""


class SqlDatabase:
    """A database with its schema up to date: by its URL, or SQLite by its file, which with `to_read` is not written to.

    Raises StoreError, and LenticularError for a URL that is none.
    """

    def __init__(self, place: str | Path, to_read: bool = False) -> None:
        self.url = _url(place) if isinstance(place, str) else URL.create("sqlite", database=str(place))
        own = place if isinstance(place, Path) else None
        self.engine = _engine(self.url, own, to_read and own is not None)
        self._write = self.engine.execution_options(lenticular_write=True)
        whole = {} if self.url.get_backend_name() == "sqlite" else {"isolation_level": "REPEATABLE READ"}
        self._read = self.engine.execution_options(**whole)
        try:
            if to_read and own is not None:
                with self.read() as connection:
                    must_be_new(connection)
                return
            with self.write() as connection:
                migrate(connection)
        except BaseException:
            self.engine.dispose()
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read, all of it as of one moment. Raises StoreError, and LenticularError for a value that is none."""
        with self._problems(), self._read.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Write: all of it is durable when this ends, or nothing. Raises like `read`."""
        with self._problems(), self._write.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except (OverflowError, UnicodeEncodeError, DataError):
            message = "A number is too large, or a text has characters that no database keeps."
            raise LenticularError(Problem("catalog.value", message, hint="Look at ids, numbers and texts.")) from None
        except SQLAlchemyError as error:
            raise StoreError(_problem(error, self.url)) from error


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        raise LenticularError(Problem("settings", "This is not the URL of a database.", _SETTING, _HINT)) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        message = f"{url.get_backend_name()} is not a database that the catalog can live in."
        raise LenticularError(Problem("settings", message, _SETTING, "Use sqlite or postgresql+psycopg."))
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _engine(url: URL, own: Path | None, to_read: bool) -> Engine:
    """Return the connections; `own` is a file that no other process opens, or that nobody can write to."""
    try:
        if url.get_backend_name() == "sqlite":
            place = url if own is None else _by_address(frozen(own) if to_read else owned(own))
            engine = create_engine(place, pool_size=THREADS, max_overflow=0, connect_args={"timeout": 10})
            event.listen(engine, "connect", _sqlite_reads if to_read else _sqlite_connected)
            event.listen(engine, "begin", _sqlite_begins)
            return engine
        return create_engine(url, pool_size=THREADS, max_overflow=0, pool_pre_ping=True)
    except (ModuleNotFoundError, NoSuchModuleError):
        hint = "Install it with: pip install 'lenticular[server,postgres]'"
        message = f"The driver of {url.drivername} is not installed."
        raise LenticularError(Problem("settings", message, _SETTING, hint)) from None


def _by_address(address: str) -> URL:
    file, _, query = address.partition("?")
    options = dict(each.split("=", 1) for each in query.split("&"))
    return URL.create("sqlite", database=file, query={**options, "uri": "true"})


def _sqlite_reads(connection: Any, record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")


def _sqlite_connected(connection: Any, record: Any) -> None:
    """WAL with `synchronous=FULL`: a transaction that returned is on disk, and readers are never blocked."""
    connection.isolation_level = None  # we begin transactions ourselves: the driver's own begin too late for DDL
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _sqlite_begins(connection: Connection) -> None:
    """A writer takes its lock at once, so that it never finds out at the end that another one was first."""
    write = connection.get_execution_options().get("lenticular_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


_RESTORE = "Restore it from a backup: lenticular restore BACKUP --force --journal DATA --data DATA."
_SQLITE_HINTS = {
    "SQLITE_READONLY": "Give the server's user the right to read and write it.",
    "SQLITE_CANTOPEN": "Give the server's user the right to read and write it.",
    "SQLITE_FULL": "Free some space on its disk.",
    "SQLITE_BUSY": "Stop the other process that writes to it.",
    "SQLITE_CORRUPT": _RESTORE,
    "SQLITE_NOTADB": _RESTORE,
}


def _problem(error: SQLAlchemyError, url: URL) -> Problem:
    sqlite = url.get_backend_name() == "sqlite"
    place = str(url.database) if sqlite else url.render_as_string(hide_password=True)
    cause = error.orig if isinstance(error, DBAPIError) else None
    said = str(cause or error).strip().splitlines()[0]
    hint = "Look whether it runs and can be reached, and whether its user may do that."
    if isinstance(cause, sqlite3.Error):
        name = getattr(cause, "sqlite_errorname", None) or ""
        found = [text for prefix, text in _SQLITE_HINTS.items() if name.startswith(prefix)]
        hint = found[0] if found else "Look at the disk and the folder's rights."
    return Problem("catalog.database", f"The catalog's database says: {said}.", place, hint)
