"""A stretch of a CSV file, read in bulk: the texts of each column, every one once.

Only what is simple is read so: each line is a row of as many cells as the header has. Everything else is read row by
row (`rows_csv`), which says what is wrong with it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.csv

from lenticular.app.row import LONGEST, Row
from lenticular.app.rows_csv import CsvRows

_PIECE, _MOST = 1 << 20, 64 << 20
"""Bytes that are read at once, and of a stretch."""
_WIDEST = 500
"""Columns: what is wider is read row by row."""
_DICTIONARY = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())


class Texts(msgspec.Struct, frozen=True):
    """The cells of a column: an Arrow array of the different ones, and which of them each row has."""

    values: Any
    codes: npt.NDArray[np.int32]


class Stretch(msgspec.Struct, frozen=True):
    """Rows of a file: the number of the first line, the columns, and the bytes of each row."""

    line: int
    columns: dict[str, Texts]
    sizes: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, chosen: Iterable[int] | None = None) -> Iterator[Row]:
        """Yield some rows, all unless told, with the number of their line."""
        columns = [(name, texts.values.to_pylist(), texts.codes) for name, texts in self.columns.items()]
        for row in range(len(self)) if chosen is None else chosen:
            yield self.line + row, {name: values[codes[row]] for name, values, codes in columns}


def next_stretch(rows: CsvRows, most: int) -> Stretch | None:
    """Read at most so many rows in bulk, or nothing, and return None, where they have to be read one by one."""
    if len(rows.header or ()) > _WIDEST:
        return None
    content = rows.lines_ahead(most, _PIECE, _MOST)
    if not content:
        return None
    sizes = _sizes(content)
    table = _table(content, rows.header or [], rows.delimiter) if _is_simple(content, sizes) else None
    if table is None or len(table[0].codes) != len(sizes):
        rows.give_back(content)
        return None
    line = rows.position.line + 1
    rows.skip(content, len(sizes))
    return Stretch(line, dict(zip(rows.header or [], table, strict=True)), sizes)


def _sizes(content: bytes) -> npt.NDArray[np.int64]:
    """Return the bytes of each line."""
    ends = np.flatnonzero(np.frombuffer(content, np.uint8) == ord("\n")) + 1
    if not content.endswith(b"\n"):
        ends = np.append(ends, len(content))
    return np.diff(ends, prepend=0)


def _is_simple(content: bytes, sizes: npt.NDArray[np.int64]) -> bool:
    return (
        int(sizes.max()) < LONGEST
        and not content.startswith((b"\n", b"\r"))
        and b"\n\n" not in content
        and b"\0" not in content
        and (b"\r" not in content or (content.count(b"\r") == content.count(b"\r\n") and b"\n\r\n" not in content))
    )


def _table(content: bytes, header: list[str], delimiter: str) -> list[Texts] | None:
    """Return the columns, None for what is not as simple as it seemed."""
    try:
        arrays = _quoted(content, header, delimiter) if b'"' in content else _plain(content, header, delimiter)
    except (pyarrow.ArrowException, csv.Error, UnicodeDecodeError):
        return None
    return None if arrays is None else [Texts(each.dictionary, each.indices.to_numpy()) for each in arrays]


def _plain(content: bytes, header: list[str], delimiter: str) -> list[Any]:
    names = [str(at) for at in range(len(header))]
    read = pyarrow.csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names)
    parse = pyarrow.csv.ParseOptions(delimiter=delimiter, quote_char=False, ignore_empty_lines=False)
    convert = pyarrow.csv.ConvertOptions(
        column_types=dict.fromkeys(names, _DICTIONARY), strings_can_be_null=False, null_values=[]
    )
    table = pyarrow.csv.read_csv(pyarrow.BufferReader(content), read, parse, convert)
    return [column.combine_chunks() for column in table.columns]


def _quoted(content: bytes, header: list[str], delimiter: str) -> list[Any] | None:
    """Read what has quotes: Arrow takes a broken one for a part of the text, which has to be refused."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""), strict=True, delimiter=delimiter)
    rows = list(reader)
    if reader.line_num != len(rows) or set(map(len, rows)) != {len(header)}:
        return None
    return [pyarrow.array(cells, pyarrow.string()).dictionary_encode() for cells in zip(*rows, strict=True)]
