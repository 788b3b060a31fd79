"""The forms of an export: CSV, JSONL, Parquet, gzipped if asked. Page by page, so that none needs the whole."""

from __future__ import annotations

import asyncio
import csv
import io
import zlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import date, datetime
from typing import Any, Protocol

import msgspec

from lenticular.app.export import Export
from lenticular.app.export_rows import Row
from lenticular.app.file_formats import Format
from lenticular.app.give_way import politely
from lenticular.criteria.tables import Type

_PIECE = 100
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class Form(Protocol):
    """Turns rows into bytes; all of them together are the file."""

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Return the bytes of a page."""

    def end(self) -> bytes:
        """Return the bytes behind the last page."""


async def encoded(
    found: Export, form: Format, gzipped: bool = False, excel_safe: bool = False
) -> AsyncGenerator[bytes, None]:
    """Yield the bytes of an export. Formatting has a thread: decisions go on meanwhile."""
    made = _made(found.columns, form, excel_safe)
    pack = zlib.compressobj(6, zlib.DEFLATED, 31) if gzipped else None

    def piece(rows: Sequence[Row] | None) -> bytes:
        raw = made.end() if rows is None else made.rows(rows)
        if pack is None:
            return raw
        return pack.compress(raw) + (pack.flush() if rows is None else b"")

    async with aclosing(found.pages) as pages:
        async for rows in pages:
            if content := await asyncio.to_thread(piece, rows):
                yield content
    if content := await asyncio.to_thread(piece, None):
        yield content


def _made(columns: dict[str, tuple[Type, ...]], form: Format, excel_safe: bool) -> Form:
    if form == "jsonl":
        return _Jsonl()
    return _Csv(list(columns), excel_safe) if form == "csv" else _Parquet(columns)


class _Jsonl:
    def __init__(self) -> None:
        self._encode = msgspec.json.Encoder().encode_lines

    def rows(self, rows: Sequence[Row]) -> bytes:
        return b"".join(self._encode(rows[at : at + _PIECE]) for at in politely(range(0, len(rows), _PIECE)))

    def end(self) -> bytes:
        return b""


class _Csv:
    def __init__(self, header: list[str], excel_safe: bool) -> None:
        self._header, self._excel_safe, self._begun = header, excel_safe, False

    def rows(self, rows: Sequence[Row]) -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if not self._begun:
            writer.writerow([self._cell(name) for name in self._header])
            self._begun = True
        for row in politely(rows):
            writer.writerow([self._cell(row.get(name)) for name in self._header])
        return text.getvalue().encode("utf-8", "replace")

    def end(self) -> bytes:
        return b"" if self._begun else self.rows(())

    def _cell(self, value: Any) -> Any:
        if type(value) is str:
            return f"'{value}" if self._excel_safe and value.startswith(_DANGEROUS) else value
        if isinstance(value, bool):
            return "true" if value else "false"
        return msgspec.json.encode(value).decode() if isinstance(value, list) else value


class _Parquet:
    def __init__(self, columns: dict[str, tuple[Type, ...]]) -> None:
        import pyarrow
        import pyarrow.parquet

        self._arrow: Any = pyarrow
        simple = {
            "text": pyarrow.string(),
            "number": pyarrow.float64(),
            "boolean": pyarrow.bool_(),
            "date": pyarrow.date32(),
            "datetime": pyarrow.timestamp("ms", "UTC"),
            "list": pyarrow.list_(pyarrow.string()),
            "objects": pyarrow.string(),
        }
        self._kinds: dict[str, str] = {
            name: kinds[0] if len(set(kinds)) == 1 else "text" for name, kinds in columns.items()
        }
        self._schema = pyarrow.schema([(name, simple[kind]) for name, kind in self._kinds.items()])
        self._sink = io.BytesIO()
        self._writer = pyarrow.parquet.ParquetWriter(
            pyarrow.PythonFile(_Growing(self._sink), mode="w"), self._schema, compression="zstd"
        )

    def rows(self, rows: Sequence[Row]) -> bytes:
        arrays = [
            self._arrow.array(
                [_arrow(row.get(name), kind) for row in politely(rows)], type=self._schema.field(name).type
            )
            for name, kind in self._kinds.items()
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(arrays, schema=self._schema))
        return self._taken()

    def end(self) -> bytes:
        self._writer.close()
        return self._taken()

    def _taken(self) -> bytes:
        content = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        return content


class _Growing:
    """A file that only grows: what was written is taken away, and counts."""

    closed = False

    def __init__(self, sink: io.BytesIO) -> None:
        self._sink, self._size = sink, 0

    def write(self, content: Any) -> int:
        written = self._sink.write(content)
        self._size += written
        return written

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """The sink stays: its end is still to be taken."""


def _arrow(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "datetime":
        return datetime.fromisoformat(value)
    if kind == "number":
        return float(value)
    if kind in ("text", "objects") and not isinstance(value, str):
        return msgspec.json.encode(value).decode()
    return value
