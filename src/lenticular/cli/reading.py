"""Read a file into parts of events, ready to be sent: it is this process that works, and the server that decides."""

from __future__ import annotations

import csv
import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from lenticular.app.columns import Columns, What, guess_types
from lenticular.app.import_order import in_order
from lenticular.app.import_part import Part
from lenticular.app.report import Report, told
from lenticular.app.row import Row, Unreadable
from lenticular.app.row_events import RowEvents
from lenticular.app.rows import Rows, open_rows
from lenticular.app.rows_csv import CsvRows
from lenticular.criteria.tables import Type
from lenticular.errors import LenticularError, Problem
from lenticular.profiles.event import Event
from lenticular.profiles.fold import IMPRESSION, Registering
from lenticular.profiles.sheet import Sheet, is_plain, sheet_of

_SAMPLE = 10_000
_HEAD = 1 << 20
_PART = 10_000
_STRETCH = 100_000
"""Rows of a file of events that are put into order at once."""
_MOST_BYTES = 16 << 20

_encode = msgspec.msgpack.Encoder().encode


class Look(msgspec.Struct, frozen=True):
    """What a first look at a file tells: its columns, and the type of each as far as it can be guessed."""

    header: list[str]
    types: dict[str, Type]


def look_at(file: Path, columns: Columns, what: What) -> Look:
    """Read the beginning of a file. Raises LenticularError for one that can't be what it should be."""
    with open_rows(file) as opened:
        good = [cells for _, cells in islice(opened.rows, _SAMPLE) if isinstance(cells, dict)]
        header = list(dict.fromkeys([*(opened.rows.header or ()), *(name for cells in good for name in cells)]))
    if header and (problems := columns.missing(header, what)):
        raise LenticularError(*(msgspec.structs.replace(one, place=str(file)) for one in problems))
    typed = not file.name.lower().removesuffix(".gz").endswith(".csv")
    return Look(header, guess_types(good, columns, what, typed))


def head_of(file: Path) -> str:
    """Return a hash of how a file begins."""
    with file.open("rb") as opened:
        return hashlib.blake2b(opened.read(_HEAD), digest_size=16).hexdigest()


class Rejects:
    """The rows that are refused, with their reasons, as CSV; nothing without a path. Raises LenticularError."""

    def __init__(self, path: Path | None, header: list[str] | None, again: bool) -> None:
        self._stack, self._header = ExitStack(), header
        self._writer: Any = None
        if path is None:
            return
        fresh = not (again and path.exists())
        try:
            file = self._stack.enter_context(path.open("w" if fresh else "a", encoding="utf-8", newline=""))
        except OSError as error:
            message = f"The refused rows can't be written: {error.strerror}."
            raise LenticularError(Problem("import.rejects", message, str(path))) from None
        self._writer = csv.writer(file)
        if fresh:
            self._writer.writerow(["line", "reason", *(header if header is not None else ["row"])])

    def add(self, line: int, reason: str, cells: Mapping[str, Any] | Unreadable) -> None:
        """Write a row."""
        if self._writer is None:
            return
        if isinstance(cells, Unreadable):
            row = [cells.text]
        elif self._header is None:
            row = [msgspec.json.encode(cells).decode()]
        else:
            row = [_text(cells.get(name)) for name in self._header]
        self._writer.writerow([line, reason, *row])

    def close(self) -> None:
        """Close the file."""
        self._stack.close()


class Piece(msgspec.Struct, frozen=True):
    """Events for one part: as a sheet, or one by one with the line of each."""

    events: list[Event] = []
    lines: list[int] = []
    sheet: Sheet | None = None

    @classmethod
    def of(cls, pairs: list[tuple[Event, int]]) -> Piece:
        """Return events and their lines as a piece."""
        events = [event for event, _ in pairs]
        if all(is_plain(event, IMPRESSION) for event in events):
            return cls(sheet=sheet_of(events))
        return cls(events, [line for _, line in pairs])


class Reader:
    """The parts of a file. `types` are the properties known by now; what rows bring is added."""

    def __init__(self, made: RowEvents, what: What, types: dict[tuple[str, str], str], rejects: Rejects) -> None:
        self._made, self._columns, self._what, self._rejects = made, made.columns, what, rejects
        self._registering = Registering(types)
        self._cells: deque[dict[int, Mapping[str, Any]]] = deque()

    def parts(self, rows: Rows, create: bool, dry: bool) -> Iterator[Part]:
        """Yield the rows in parts, person by person as far as a stretch of the file goes; the last is complete."""
        ahead = iter(rows)
        while True:
            begun = rows.position
            kept: dict[int, Mapping[str, Any]] = {}
            pieces, refused = self._next(rows, ahead, kept)
            if rows.position == begun:
                yield Part([], [], self._what, rows.position, create=create, dry=dry, complete=True)
                return
            for at, piece in enumerate(pieces, 1):
                last = at == len(pieces)
                self._cells.append(kept)
                yield Part(
                    piece.events,
                    piece.lines,
                    self._what,
                    rows.position if last else begun,
                    refused if last else Report(),
                    create,
                    dry,
                    advance=last,
                    sheet=piece.sheet,
                )

    def _next(self, rows: Rows, ahead: Iterator[Row], kept: dict[int, Mapping[str, Any]]) -> tuple[list[Piece], Report]:
        """Return the next rows of a file in pieces, and what was refused: in bulk if they are simple, or one by one."""
        if self._what != "events":
            good, refused = self._events(islice(ahead, _PART), kept)
            return [Piece.of(pairs) for pairs in _cut(good)] or [Piece()], refused
        some: Iterator[Row] = islice(ahead, _STRETCH)
        if isinstance(rows, CsvRows) and not self._columns.constants:
            from lenticular.app.sheets.read import sheets_of  # half a second that other files need not wait
            from lenticular.app.sheets.stretch import next_stretch

            refused = Report()
            stretch = next_stretch(rows, _STRETCH)
            if stretch is not None:
                refuse = partial(self._refuse, refused)
                sheets = sheets_of(stretch, self._made, self._columns, (_PART, _MOST_BYTES), refuse)
                if sheets is not None:
                    return [Piece(sheet=sheet) for sheet in sheets] or [Piece()], refused
                some = stretch.rows()
        good, refused = self._events(some, kept)
        return [Piece.of(pairs) for pairs in _cut(in_order(good, _event))] or [Piece()], refused

    def _refuse(self, refused: Report, line: int, problem: Problem, cells: Mapping[str, Any] | Unreadable) -> None:
        refused.refuse(line, problem)
        self._rejects.add(line, told(problem), cells)

    def unknown(self, lines: list[int]) -> Report:
        """Write down the rows whose person is unknown; return a report that names them."""
        report = Report()
        problem = Problem("import.unknown", "Nobody is known by this id.", hint="--create makes them profiles.")
        cells = self._cells.popleft() if self._cells else {}
        for line in lines:
            report.refuse(line, problem)
            self._rejects.add(line, told(problem), cells.get(line, {}))
        return msgspec.structs.replace(report, refused=0)

    def _events(
        self, rows: Iterator[Row], kept: dict[int, Mapping[str, Any]]
    ) -> tuple[list[tuple[Event, int]], Report]:
        good: list[tuple[Event, int]] = []
        refused = Report()
        for line, cells in rows:
            event = cells.problem if isinstance(cells, Unreadable) else self._made.event(line, cells)
            if isinstance(event, Problem):
                self._refuse(refused, line, event, cells)
                continue
            self._registering.add(event)
            good.append((event, line))
            if self._what == "members" and isinstance(cells, dict):
                kept[line] = cells
        return good, refused


@contextmanager
def rejects_to(path: Path | None, header: list[str] | None, again: bool) -> Iterator[Rejects]:
    """Open the file for refused rows for the length of a block."""
    opened = Rejects(path, header, again)
    try:
        yield opened
    finally:
        opened.close()


def _event(pair: tuple[Event, int]) -> Event:
    return pair[0]


def _cut(good: list[tuple[Event, int]]) -> Iterator[list[tuple[Event, int]]]:
    """Cut events into parts of a size that a request may have."""
    piece: list[tuple[Event, int]] = []
    size = 0
    for pair in good:
        size += _size(pair[0])
        if piece and (len(piece) >= _PART or size > _MOST_BYTES):
            yield piece
            piece, size = [], _size(pair[0])
        piece.append(pair)
    if piece:
        yield piece


def _size(event: Event) -> int:
    """Return about how many bytes an event takes: of most a fixed number, of one with lists as they are encoded."""
    size = 500
    for value in event.properties.values():
        if type(value) is str:
            size += len(value)
        elif type(value) is list:
            size += len(_encode(value))
    return size + len(_encode(event.traits)) if event.traits else size


def _text(cell: Any) -> Any:
    return msgspec.json.encode(cell).decode() if isinstance(cell, list | dict | bool) else cell
