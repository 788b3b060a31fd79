"""ClickHouse inside this process (chDB): statements in, bytes out, from many threads at once.

Every statement gets a connection of its own, made in under a millisecond and thrown away, so that no setting, no
`USE` and no error leaks into the next one. chDB serialises what shares a connection, and runs the rest in parallel.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from lenticular.stores.clickhouse.refused import Refused, from_engine
from lenticular.stores.clickhouse.statement import Statement

# Its type stub leaves out what it is made of.
_chdb: Any = importlib.import_module("chdb._chdb")

KILL = re.compile(rb"\s*KILL\s+QUERY\b", re.IGNORECASE)
_FROM_INPUT = re.compile(
    rb"(?P<before>\s*INSERT\s[^']*?\sFROM\s+)input\('(?P<structure>[^']*)'\)\s+FORMAT\s+(?P<format>\w+)\r?\n",
    re.IGNORECASE,
)
_NO_SPACE = 243
"""ClickHouse's number for a disk that is full."""
_QUERY_ID = re.compile(rb"\bquery_id\b", re.IGNORECASE)


class Limits(msgspec.Struct, frozen=True):
    """What the engine may use: threads and seconds of one statement, bytes of memory of all, bytes of an answer.

    `spare` bytes of the disk stay free: chDB does not see that a write failed, and would keep an empty file for a
    full one, so a full disk has to be met before it is full.
    """

    threads: int
    memory: int
    spare: int
    seconds: int = 600
    answer: int = 512 * 1024 * 1024


class Answer(msgspec.Struct, frozen=True):
    """An answer's bytes, its format (empty when the statement has no rows to give), and what it read and wrote."""

    body: bytes
    format: str
    summary: str


_CONFIG = """<clickhouse><storage_configuration><disks><default>
<keep_free_space_bytes>{spare}</keep_free_space_bytes>
</default></disks></storage_configuration></clickhouse>
"""


class Engine:
    """One data folder of chDB. Thread-safe; raises Refused for whatever ClickHouse refuses."""

    def __init__(self, path: Path, config: Path, limits: Limits) -> None:
        """Open the data folder `path`; what can only be configured is written to the file `config`.

        Both go into a connection string, so they must be free of its signs; a relative path always is.
        """
        self._path = str(path)
        config.write_text(_CONFIG.format(spare=limits.spare), "utf-8")
        self._limits = limits
        # The caches are counted in the memory that all statements share, so they must be small beside it.
        options = {
            "config-file": str(config),
            "max_server_memory_usage": limits.memory,
            "mark_cache_size": limits.memory // 16,
            "primary_index_cache_size": limits.memory // 16,
            "index_mark_cache_size": limits.memory // 32,
            "max_concurrent_queries": 0,
        }
        # Its own handlers write a report that never ends, and a crashed process would hang on instead of ending.
        _chdb.set_signal_handlers_enabled(0)
        # Held open for as long as the engine lives: the last connection to close would end it.
        self._root: Any = _chdb.connect(f"{self._path}?{urlencode(options)}")
        _chdb.reset_signal_handlers()

    def run(self, statement: Statement) -> Answer:
        """Run one statement to its end."""
        connection: Any = _chdb.connect(self._path)
        try:
            self._prepare(connection, statement)
            return _query(connection, statement)
        except RuntimeError as error:
            raise from_engine(str(error)) from error
        except UnicodeDecodeError as error:
            # The engine's message quotes bytes that are no UTF-8, such as those of a row that it refuses.
            raise from_engine(bytes(error.object).decode("utf-8", "replace")) from error
        finally:
            connection.close()

    def kill(self, query_id: str) -> None:
        """Ask a running statement to stop; does nothing if it has ended."""
        connection: Any = _chdb.connect(self._path)
        try:
            with contextlib.suppress(RuntimeError):
                connection.query(f"KILL QUERY WHERE Settings['log_comment'] = {_quoted(query_id)} ASYNC", "TSV")
        finally:
            connection.close()

    def close(self) -> None:
        """Close the data folder."""
        self._root.close()

    def _prepare(self, connection: Any, statement: Statement) -> None:
        limits = self._limits
        settings = {
            "max_memory_usage": str(limits.memory * 3 // 4),
            "max_execution_time": str(limits.seconds),
            "max_result_bytes": str(limits.answer),
            "max_query_size": str(64 * 1024 * 1024),
            "max_ast_elements": "2000000",
            "max_expanded_ast_elements": "10000000",
            **statement.settings,
            "max_threads": _at_most(statement.settings.get("max_threads", "0"), limits.threads),
            # chDB names its queries itself; the client's name travels as the comment, and KILL QUERY looks there.
            "log_comment": statement.query_id,
        }
        if statement.read_only:
            settings["readonly"] = "1"
        if statement.database:
            connection.query(f"USE {_identifier(statement.database)}", "TSV")
        connection.query("SET " + ", ".join(f"{name}={_quoted(value)}" for name, value in settings.items()), "TSV")


def _query(connection: Any, statement: Statement) -> Answer:
    """Run a statement, with the rows of an INSERT inline.

    chDB also has streaming inserts; they report rows as written that a full disk has refused.
    """
    text = statement.text
    read_only = False
    if not statement.has_data:
        kind = connection.classify_query(text)
        if kind["statement_count"] > 1:
            raise Refused(400, 62, "Syntax error: several statements in one request. Send them one by one.")
        read_only = kind["query_class"] == _chdb.query_class.READ_ONLY
    if KILL.match(text):
        text = _QUERY_ID.sub(b"Settings['log_comment']", text)
    with _rows_in_file(text) if statement.has_data else contextlib.nullcontext(text) as text:
        result = connection.query(text, statement.output, params=statement.parameters)
    body = bytes(result.bytes())
    return Answer(body, statement.output if body or read_only else "", _summary(result, len(body)))


@contextlib.contextmanager
def _rows_in_file(text: bytes) -> Iterator[bytes]:
    """Lay the rows of an insert from `input(…)` into a file: behind a statement chDB ends them at an empty line."""
    found = _FROM_INPUT.match(text)
    if found is None:
        yield text
        return
    try:
        with tempfile.TemporaryFile() as file:
            file.write(memoryview(text)[found.end() :])
            file.flush()
            source = f"file('/dev/fd/{file.fileno()}', {found['format'].decode()}, '{found['structure'].decode()}')"
            yield found["before"] + source.encode()
    except OSError as error:
        raise Refused(500, _NO_SPACE, f"The rows can't be laid down: {error.strerror}.") from None


def _summary(result: Any, size: int) -> str:
    numbers = {
        "read_rows": result.storage_rows_read(),
        "read_bytes": result.storage_bytes_read(),
        "written_rows": result.rows_written(),
        "written_bytes": result.bytes_written(),
        "result_rows": result.rows_read(),
        "result_bytes": size,
        "elapsed_ns": int(result.elapsed() * 1e9),
    }
    return json.dumps({name: str(number) for name, number in numbers.items()})


def _at_most(value: str, limit: int) -> str:
    """Return a number of threads; 0 and what is no number mean the limit."""
    asked = int(value) if value.isdigit() else 0
    return str(min(asked, limit) if asked else limit)


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _identifier(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
