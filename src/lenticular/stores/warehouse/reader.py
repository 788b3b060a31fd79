"""Rows of a query, page by page, from any database that SQLAlchemy has a driver for."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from lenticular.errors import LenticularError, Problem
from lenticular.stores.warehouse.statement import asks_since, escaped

PAGE = 2_000
Cells = dict[str, Any]
_MILLISECOND = 1_000
_BEYOND = re.compile(r"after year 10K|before year 1\b|year -?\d+ is out of range")
_OUT_OF_RANGE = "Moments reach from the year 1 to 9999 here: write NULLIF(column, 'infinity') or a CASE in the query."


class QueryReader:
    """One run of a query. All but `stop` belongs to one thread; raises LenticularError.

    `secrets` are texts that no problem may tell. `timeout` (seconds) is given to databases that take one.
    """

    def __init__(self, url: str, query: str, since: Any, timeout: float, secrets: dict[str, str]) -> None:
        self._url, self._query, self._since = url, query, since
        self._timeout, self._secrets = timeout, secrets
        self._engine: Engine | None = None
        self._connection: Connection | None = None

    def pages(self) -> Iterator[list[Cells]]:
        """Yield the rows in pages, as the database gives them: never all of them at once where it has a cursor."""
        try:
            self._engine = _engine(self._url)
            with self._engine.connect() as connection:
                self._connection = connection
                _only_read(connection, self._timeout)
                bound = {"since": _moment(self._since, connection)} if asks_since(self._query) else {}
                streamed = connection.execution_options(stream_results=True, max_row_buffer=PAGE)
                result = streamed.execute(sqlalchemy.text(escaped(self._query)), bound)
                with _closing(result.cursor):
                    for page in result.mappings().partitions(PAGE):
                        yield [dict(row) for row in page]
                connection.rollback()
        except ModuleNotFoundError as error:
            hint = f"Install it where the server runs: pip install {error.name}."
            raise self._problem(f"The driver {error.name} is not installed.", hint) from None
        except NoSuchModuleError as error:
            raise self._problem(f"{error}.", "Look at how the URL begins, and install its driver.") from None
        except (SQLAlchemyError, OSError, ValueError) as error:
            said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
            hint = _OUT_OF_RANGE if _BEYOND.search(str(said)) else "Look at the URL and the query."
            raise self._problem(f"The database says: {said}", hint) from None
        finally:
            self._connection = None
            if self._engine is not None:
                self._engine.dispose()

    def stop(self) -> None:
        """Ask the database to give up; from any thread."""
        connection = self._connection
        driver: Any = None
        with contextlib.suppress(Exception):
            driver = connection.connection.driver_connection if connection is not None else None
        for name in ("interrupt", "cancel"):
            with contextlib.suppress(Exception):
                getattr(driver, name)()

    def _problem(self, message: str, hint: str) -> LenticularError:
        text = " ".join(message.split())
        for name, secret in self._secrets.items():
            text = text.replace(secret, f"${{{name}}}")
        return LenticularError(Problem("source.database", text[:500], hint=hint))


@contextlib.contextmanager
def _closing(cursor: Any) -> Iterator[None]:
    """Close a driver's cursor in the end: one whose connection broke is closed by nobody else."""
    try:
        yield
    finally:
        with contextlib.suppress(Exception):
            cursor.close()


def _engine(url: str) -> Engine:
    parsed = sqlalchemy.make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and not Path(parsed.database).is_file():
        raise LenticularError(Problem("source.database", "There is no such file.", parsed.database))
    return sqlalchemy.create_engine(parsed, poolclass=NullPool)


def _only_read(connection: Connection, timeout: float) -> None:
    """Tell the database what it need not allow."""
    name, milliseconds = connection.dialect.name, int(timeout * _MILLISECOND)
    if name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
    elif name == "postgresql":
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
    elif name in ("mysql", "mariadb"):
        connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
        connection.rollback()


def _moment(since: Any, connection: Connection) -> Any:
    """A moment that is written as a text, as a moment where the database has them."""
    if not isinstance(since, str) or connection.dialect.name == "sqlite":
        return since
    with contextlib.suppress(ValueError):
        return date.fromisoformat(since) if len(since) == len("2026-01-31") else datetime.fromisoformat(since)
    return since


def problem_of_url(url: str) -> tuple[str, str]:
    """Return what is wrong with a database's URL and what to do, two empty texts if nothing is."""
    try:
        parsed = sqlalchemy.make_url(url)
    except (ArgumentError, ValueError):
        return "This is no URL of a database.", "Write it like postgresql+psycopg://reader:${PASSWORD}@host/database."
    secret = [
        value
        for name, value in (("password", parsed.password), *parsed.query.items())
        if any(word in name.lower() for word in ("password", "token", "secret")) and value
    ]
    if any("${" not in str(value) for value in secret):
        return "There is a password in it.", "Put it into an environment variable of the server, and write ${NAME}."
    return "", ""
