"""The rows of a file to import: CSV, JSONL or Parquet, plain or gzipped, each with its line number.

A reader says after each row how far it has come, so that reading can begin there another time. What can't be read is
reported, and what follows is read: never more than `LONGEST` bytes of a file lie in memory for one row.
"""

from __future__ import annotations

import csv
import gzip
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, Protocol, cast

import msgspec

from lenticular.app.row import LONGEST, Position, Row, Unreadable
from lenticular.app.rows_csv import CsvRows
from lenticular.errors import LenticularError, Problem

Progress = Callable[[int], None]
"""Told how many bytes of the file have been read."""


class Rows(Protocol):
    """A file that is being read: the names of its columns (None where each row tells them), and how far it has come."""

    header: list[str] | None
    position: Position

    def __iter__(self) -> Iterator[Row]: ...


class Opened(msgspec.Struct, frozen=True):
    """An open file: its rows, and what has been read of it (bytes, packed as it is)."""

    rows: Rows
    read: Callable[[], int]


@contextmanager
def open_rows(path: Path, after: Position = Position()) -> Iterator[Opened]:  # noqa: B008  # it is frozen
    """Open a file's rows behind a position. Raises LenticularError if it is missing, or not what its name says."""
    name = path.name.lower().removesuffix(".gz")
    kinds: dict[str, Callable[[IO[bytes], Path, Position], Rows]]
    kinds = {".csv": CsvRows, ".jsonl": _Jsonl, ".ndjson": _Jsonl, ".parquet": _parquet}
    kind = next((read for suffix, read in kinds.items() if name.endswith(suffix)), None)
    if kind is None:
        hint = "Name it .csv, .jsonl, .ndjson or .parquet, with .gz behind if it is gzipped."
        raise LenticularError(Problem("import.format", "The format can't be told from the name.", str(path), hint))
    try:
        with _opened(path) as (file, raw):
            yield Opened(kind(file, path, after), raw.tell)
    except FileNotFoundError:
        raise LenticularError(Problem("import.missing", "There is no such file.", str(path))) from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise LenticularError(Problem("import.unreadable", f"The file can't be read: {error}.", str(path))) from None


def read_rows(path: Path, progress: Progress = lambda read: None) -> Iterator[Row]:
    """Yield a file's rows. Raises LenticularError if the file is missing, or not of a format that it can be."""
    with open_rows(path) as opened:
        for row in opened.rows:
            if row[0] % 4096 == 0:
                progress(opened.read())
            yield row


def total_bytes(path: Path) -> int:
    """Return the size of a file, 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], BufferedReader]]:
    """Open a file, unzipped if need be; the raw file beside it tells how far reading has come."""
    with path.open("rb") as raw:
        if path.name.lower().endswith(".parquet.gz"):
            # The footer, which is read first, is at the end.
            with gzip.GzipFile(fileobj=raw) as unzipped, tempfile.TemporaryFile() as whole:
                shutil.copyfileobj(unzipped, whole)
                yield whole, raw
        elif path.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as unzipped:
                yield cast(IO[bytes], unzipped), raw
        else:
            yield raw, raw


class _Jsonl:
    header: list[str] | None = None

    def __init__(self, file: IO[bytes], path: Path, after: Position) -> None:
        self._file, self.position = file, after
        file.seek(after.offset)

    def __iter__(self) -> Iterator[Row]:
        line, offset = self.position.line, self.position.offset
        while text := self._file.readline(LONGEST):
            line += 1
            offset += len(text)
            if len(text) == LONGEST and not text.endswith(b"\n"):
                while (rest := self._file.readline(LONGEST)) and not rest.endswith(b"\n"):
                    offset += len(rest)
                self.position = Position(offset + len(rest), line)
                offset = self.position.offset
                yield line, Unreadable(f"The line is longer than {LONGEST:,} bytes.")
                continue
            self.position = Position(offset, line)
            if text.strip():
                yield line, _object(text)


def _object(text: bytes) -> dict[str, Any] | Unreadable:
    try:
        cells = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable("The line is not JSON.", str(error), text.decode("utf-8", "replace"))
    return cells if isinstance(cells, dict) else Unreadable("The line is not a JSON object.")


def _parquet(file: IO[bytes], path: Path, after: Position) -> Rows:
    from lenticular.app.rows_parquet import ParquetRows  # half a second that other formats need not wait

    return ParquetRows(file, path, after)
