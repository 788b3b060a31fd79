"""The rows of a file to import: CSV, JSONL or Parquet, plain or gzipped, each with its line number."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from lenticular.errors import LenticularError, Problem

Row = tuple[int, dict[str, Any] | Problem]
"""A line number (the header is line 1; in Parquet, the row's number) and its cells, or why it can't be read."""

Progress = Callable[[int], None]
"""Told how many bytes of the file have been read."""

_LONGEST_CELL = 1 << 20


def read_rows(path: Path, progress: Progress = lambda read: None) -> Iterator[Row]:
    """Yield a file's rows. Raises LenticularError if the file is missing, or not of a format that it can be."""
    name = path.name.lower().removesuffix(".gz")
    readers = {".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".parquet": _parquet}
    reader = next((read for suffix, read in readers.items() if name.endswith(suffix)), None)
    if reader is None:
        hint = "Name it .csv, .jsonl, .ndjson or .parquet, with .gz behind if it is gzipped."
        raise LenticularError(Problem("import.format", "The format can't be told from the name.", str(path), hint))
    try:
        yield from reader(path, progress)
    except FileNotFoundError:
        raise LenticularError(Problem("import.missing", "There is no such file.", str(path))) from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error, zlib.error) as error:
        raise LenticularError(Problem("import.unreadable", f"The file can't be read: {error}.", str(path))) from None


def header_of(path: Path) -> list[str] | None:
    """Return the names of the columns of a file that can be read, None where they are told row by row (JSONL)."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith(".csv"):
        with _opened(path) as (file, _), TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
            return next(csv.reader(text), None)
    if name.endswith(".parquet"):
        import pyarrow.parquet

        with _opened(path) as (file, _):
            return [str(column) for column in pyarrow.parquet.ParquetFile(file).schema_arrow.names]
    return None


def total_bytes(path: Path) -> int:
    """Return the size of a file, 0 if there is none."""
    return path.stat().st_size if path.exists() else 0


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], BufferedReader]]:
    """Open a file, unzipped if need be; the raw file beside it tells how far reading has come."""
    with path.open("rb") as raw:
        if path.name.lower().endswith(".gz"):
            with gzip.GzipFile(fileobj=raw) as unzipped:
                yield cast(IO[bytes], unzipped), raw
        else:
            yield raw, raw


def _csv(path: Path, progress: Progress) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    with _opened(path) as (file, raw), TextIOWrapper(file, encoding="utf-8-sig", newline="") as text:
        reader = csv.reader(text, strict=True)
        header = next(reader, None)
        if not header:
            raise LenticularError(Problem("import.empty", "The file is empty.", str(path)))
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield line, Problem("import.row", f"The row can't be read: {error}.")
                continue
            if cells is None:
                return
            if line % 4096 == 0:
                progress(raw.tell())
            if len(cells) == len(header):
                yield line, dict(zip(header, cells, strict=True))
            elif cells:
                yield line, Problem("import.row", f"The row has {len(cells)} cells, the header has {len(header)}.")


def _jsonl(path: Path, progress: Progress) -> Iterator[Row]:
    with _opened(path) as (file, raw):
        for line, text in enumerate(file, 1):
            if line % 4096 == 0:
                progress(raw.tell())
            if not text.strip():
                continue
            try:
                cells = msgspec.json.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                yield line, Problem("import.row", f"The line is not JSON: {error}.")
                continue
            yield line, cells if isinstance(cells, dict) else Problem("import.row", "The line is not a JSON object.")


def _parquet(path: Path, progress: Progress) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    with _opened(path) as (file, raw):
        try:
            table = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(file.read()) if file is not raw else raw)
            line = 0
            for batch in table.iter_batches(batch_size=10_000):
                for cells in batch.to_pylist():
                    line += 1
                    yield line, {name: _plain(cell) for name, cell in cells.items()}
                progress(raw.tell())
        except (pyarrow.ArrowException, ValueError, OverflowError) as error:  # the last two: times without a year
            raise LenticularError(Problem("import.format", f"This is not Parquet: {error}.", str(path))) from None


def _plain(cell: Any) -> Any:
    """A Parquet value as JSON would have it: naive times are UTC."""
    if isinstance(cell, datetime):
        moment = cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return float(cell)
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if isinstance(cell, list):
        return [_plain(one) for one in cell]
    if isinstance(cell, dict):
        return {name: _plain(one) for name, one in cell.items()}
    return cell
