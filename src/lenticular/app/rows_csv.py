"""CSV (RFC 4180), read so that one broken quote costs one row.

A strict reader takes all up to the next quote for one cell. Here the lines of a row that turns out wrong go back, but
for the first, which is reported; the next one is read as the beginning of a row again.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO

from lenticular.app.row import LONGEST, Position, Row, Unreadable
from lenticular.errors import LenticularError, Problem

_BOM = b"\xef\xbb\xbf"
_OTHERS = (";", "\t")
"""What some programs write between cells; a header of one column with one of these in it has several."""


class _TooLongError(Exception):
    pass


class _Ahead:
    """A file of which something may be given back."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._given = file, BytesIO()

    def readline(self, limit: int) -> bytes:
        line = self._given.readline(limit)
        return line if len(line) == limit or line.endswith(b"\n") else line + self._file.readline(limit - len(line))

    def read(self, size: int) -> bytes:
        return self._given.read(size) or self._file.read(size)

    def give_back(self, content: bytes) -> None:
        self._given = BytesIO(content + self._given.read())

    def seek(self, offset: int) -> None:
        self._given = BytesIO()
        self._file.seek(offset)


class CsvRows:
    """The rows of a CSV file behind a position. Raises LenticularError for one without a header in UTF-8."""

    def __init__(self, file: IO[bytes], path: Path, after: Position) -> None:
        csv.field_size_limit(LONGEST)
        self._file = _Ahead(file)
        self._back: deque[bytes] = deque()
        self._row: list[bytes] = []
        self._size = 0
        self.delimiter = ","
        self.position = Position()
        self.header: list[str] | None = self._header(path)
        if after.offset > self.position.offset:
            self._file.seek(after.offset)
            self._back.clear()
            self.position = after

    def __iter__(self) -> Iterator[Row]:
        header = self.header or []
        width = len(header)
        reader = self._reader()
        while True:
            self._row.clear()
            self._size = 0
            wrong = None
            try:
                cells = next(reader, None)
            except (csv.Error, UnicodeDecodeError, _TooLongError) as error:
                cells, wrong = [], _reason(error)
                reader = self._reader()
            if cells is None:
                return
            if wrong is None and cells and len(cells) != width:
                wrong = Unreadable(f"The row has {len(cells)} cells, the header has {width}.")
            line = self.position.line + 1
            if wrong is not None:
                text = self._give_back()
                yield line, Unreadable(wrong.message, wrong.detail, text)
                continue
            self.position = Position(self.position.offset + self._size, self.position.line + len(self._row))
            if cells:
                yield line, dict(zip(header, cells, strict=True))

    def lines_ahead(self, most: int, piece: int, most_bytes: int) -> bytes:
        """Read whole lines, at most so many, piece by piece as far as a number of bytes; none in a broken row."""
        if self._back:
            return b""
        pieces: list[bytes] = []
        lines = size = 0
        while lines < most and size < most_bytes and (read := self._file.read(piece)):
            pieces.append(read)
            lines, size = lines + read.count(b"\n"), size + len(read)
        content, ended = b"".join(pieces), lines < most and size < most_bytes
        end = len(content) if ended else content.rfind(b"\n") + 1
        for _ in range(lines - most):
            end = content.rfind(b"\n", 0, end - 1) + 1
        self._file.give_back(content[end:])
        return content[:end]

    def give_back(self, content: bytes) -> None:
        """Let what was read ahead be read row by row."""
        self._file.give_back(content)

    def skip(self, content: bytes, lines: int) -> None:
        """Note that what was read ahead is done with."""
        self.position = Position(self.position.offset + len(content), self.position.line + lines)

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines(), strict=True, delimiter=self.delimiter)

    def _lines(self) -> Iterator[str]:
        back, row, readline = self._back, self._row, self._file.readline
        while True:
            raw = back.popleft() if back else readline(LONGEST)
            if not raw:
                return
            row.append(raw)
            self._size += len(raw)
            if self._size >= LONGEST:
                raise _TooLongError
            yield raw.decode()

    def _give_back(self) -> str:
        """Go on behind the first line of a wrong row; return that line."""
        first, size = self._row[0], len(self._row[0])
        self._back.extendleft(reversed(self._row[1:]))
        while not first.endswith(b"\n") and not self._back:
            rest = self._file.readline(LONGEST)  # the end of a line that is too long
            size += len(rest)
            if not rest or rest.endswith(b"\n"):
                break
        self.position = Position(self.position.offset + size, self.position.line + 1)
        return first[:10_000].decode("utf-8", "replace").rstrip("\r\n")

    def _header(self, path: Path) -> list[str]:
        if self._file.read(len(_BOM)) == _BOM:
            self.position = Position(len(_BOM), 0)
        else:
            self._file.seek(0)
        try:
            header = next(self._reader(), None)
            for other in _OTHERS:
                if header is not None and len(header) == 1 and other in header[0]:
                    self.delimiter = other
                    header = next(csv.reader([raw.decode() for raw in self._row], strict=True, delimiter=other))
        except (csv.Error, UnicodeDecodeError, _TooLongError) as error:
            wrong = _reason(error)
            message = f"The file can't be read: its first row is no header. {wrong.message}"
            raise LenticularError(
                Problem("import.unreadable", message, str(path), "Save it as CSV in UTF-8.")
            ) from None
        if not header:
            raise LenticularError(Problem("import.empty", "The file is empty.", str(path)))
        doubles = sorted({name for name in header if name and header.count(name) > 1})
        if doubles:
            message = f"Several columns are called {', '.join(map(repr, doubles))}."
            raise LenticularError(Problem("import.header", message, str(path), "Rename them in the file."))
        self.position = Position(self.position.offset + self._size, len(self._row))
        return header


def _reason(error: Exception) -> Unreadable:
    if isinstance(error, UnicodeDecodeError):
        return Unreadable("The row is not UTF-8.", "save the file as UTF-8")
    if isinstance(error, _TooLongError):
        return Unreadable(f"The row is longer than {LONGEST:,} bytes.", "a quote that is not closed?")
    return Unreadable("The row can't be read.", str(error))
