"""A file to import, and its parts as they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec

from lenticular.app.columns import Columns, What
from lenticular.app.import_part import Part
from lenticular.app.report import Report
from lenticular.app.row import Position
from lenticular.app.row_events import RowEvents, Source
from lenticular.app.rows import open_rows
from lenticular.cli.reading import Reader, rejects_to
from lenticular.ids import hash64, hash_many
from lenticular.profiles.event import Event
from lenticular.stores.sqlite.marks import Marks

Types = Mapping[tuple[str, str], str]
_encode = msgspec.msgpack.Encoder().encode


class Job(msgspec.Struct, frozen=True):
    """A file to import: what its rows are, its columns, and how to go about it.

    `segment` is whose list members are put on, `create` makes unknown ones profiles. `now` is the moment (ms) of the
    import.
    """

    what: What
    file: str
    columns: Columns
    now: int
    segment: str = ""
    create: bool = False
    dry: bool = False
    restart: bool = False
    rejects: str = ""

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.file)


class Ready(msgspec.Struct, frozen=True):
    """A part, encoded: how many events it has, how many came before in the same file, what was refused, and how many
    bytes of the file are read.
    """

    body: bytes
    events: int
    double: int
    refused: Report
    read: int


class FileReading:
    """A job's file from a position on. `types` are the properties known by now. Raises LenticularError."""

    def __init__(self, job: Job, types: Types, after: Position) -> None:
        self._types = dict(types)
        self._job, self._stack = job, ExitStack()
        source = Source(job.path.name, job.columns, job.now, self._types, job.what, job.segment)
        self._marks = Marks() if job.dry else None
        made = RowEvents(source)
        path = Path(job.rejects) if job.rejects else None
        with ExitStack() as stack:  # a file that can't be written must not leave the other one open
            opened = stack.enter_context(open_rows(job.path, after))
            rejects = stack.enter_context(rejects_to(path, opened.rows.header, after != Position()))
            self._stack.push(stack.pop_all())
        self._read = opened.read
        self._reader = Reader(made, job.what, self._types, rejects)
        self._parts: Iterator[Part] = self._reader.parts(opened.rows, job.create, job.dry)

    def next(self) -> Ready | None:
        """Return the next part, None behind the last. Raises LenticularError."""
        part = next(self._parts, None)
        if part is None:
            return None
        double = 0
        if self._marks is not None:
            part, double = self._once(part, self._marks)
        return Ready(_encode(part), len(part), double, part.refused, self._read())

    def know(self, types: Types) -> None:
        """Take up properties that have come to be known."""
        self._types.update(types)

    def unknown(self, lines: list[int]) -> Report:
        """Write down the rows of the part before last whose person is unknown; return a report that names them."""
        return self._reader.unknown(lines)

    def close(self) -> None:
        """Let go of the files."""
        self._stack.close()
        if self._marks is not None:
            self._marks.close()

    def _once(self, part: Part, marks: Marks) -> tuple[Part, int]:
        """Leave out what came before in the file, which a trial does not take in."""
        if part.sheet is not None:
            from lenticular.app.sheets.take import unseen  # half a second that other imports need not wait

            sheet = part.sheet
            marks_of = hash_many(b"", sheet.message_ids)
            fresh = unseen(sheet, marks_of, set(marks_of) - marks.add(marks_of))
            return msgspec.structs.replace(part, sheet=fresh), len(sheet) - len(fresh)
        first: dict[int, int] = {}
        for at, event in enumerate(part.events):
            first.setdefault(hash64(_name(event, part.what)), at)
        new = marks.add(list(first))
        kept = [at for mark, at in first.items() if mark in new]
        events, lines = [part.events[at] for at in kept], [part.lines[at] for at in kept]
        return msgspec.structs.replace(part, events=events, lines=lines), len(part.events) - len(events)


def _name(event: Event, what: What) -> str:
    """Return what makes two rows the same."""
    if what != "members":
        return event.message_id
    return f"user:{event.user_id}" if event.user_id else f"anonymous:{event.anonymous_id}"
