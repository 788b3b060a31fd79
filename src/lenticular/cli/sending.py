"""Send the parts of a file to a site, one ahead of the other, and say what became of its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lenticular.app.columns import Columns, What, properties_of
from lenticular.app.import_ import Taken
from lenticular.app.import_part import Beginning, Note, Part
from lenticular.app.report import Report
from lenticular.app.row import Position
from lenticular.app.row_events import RowEvents, Source
from lenticular.app.rows import open_rows
from lenticular.cli.asking import Api
from lenticular.cli.reading import Look, Reader, head_of, rejects_to
from lenticular.ids import hash64
from lenticular.profiles.event import Event
from lenticular.stores.sqlite.marks import Marks

_encode = msgspec.msgpack.Encoder().encode

Told = Callable[[int, Report], None]
"""Told how many bytes of the file are read, and what became of the rows so far."""


class Job(msgspec.Struct, frozen=True):
    """A file to import: what its rows are, its columns, and how to go about it.

    `segment` is whose list members are put on, `create` makes unknown ones profiles. `now` is the moment (ms) of the
    import.
    """

    what: What
    file: Path
    columns: Columns
    now: int
    segment: str = ""
    create: bool = False
    dry: bool = False
    restart: bool = False
    rejects: Path | None = None


class Destination(Protocol):
    """Where events go."""

    async def begin(self, asked: Beginning) -> Note:
        """Return how far the import has come."""

    async def types(self) -> dict[tuple[str, str], str]:
        """Return the properties that are known: (scope, name) to type."""

    async def take(self, part: Part) -> Taken:
        """Take in a part."""


class AtSite:
    """A site, over the admin API."""

    def __init__(self, api: Api, site: str, dry: bool) -> None:
        self._api, self._path, self._dry = api, f"/api/sites/{site}", dry
        self._imports = ""

    async def begin(self, asked: Beginning) -> Note:
        """Return how far the import has come."""
        query = "?dryRun=true" if self._dry else ""
        note = msgspec.convert(await self._api.ask("POST", f"{self._path}/imports{query}", asked), Note)
        self._imports = f"{self._path}/imports/{note.id}"
        return note

    async def types(self) -> dict[tuple[str, str], str]:
        """Return the properties that are known."""
        found = await self._api.ask("GET", f"{self._path}/properties")
        return {(scope, name): kind for scope, names in found.items() for name, kind in names.items()}

    async def take(self, part: Part) -> Taken:
        """Take in a part."""
        return msgspec.convert(await self._api.send(self._imports, _encode(part)), Taken)


class Nowhere:
    """A site that there is not: what a trial would find in a new one."""

    async def begin(self, asked: Beginning) -> Note:
        """Return that nothing has come so far."""
        return Note("", asked.what, asked.name, asked.size, Position(), Report(), 0)

    async def types(self) -> dict[tuple[str, str], str]:
        """Return that nothing is known."""
        return {}

    async def take(self, part: Part) -> Taken:
        """Count what would be taken in."""
        if part.what == "members" and not part.create:
            return Taken(Report(unknown=len(part.events)), part.lines)
        return Taken(Report(accepted=len(part.events)))


class Sending:
    """An import while it runs; `report` is what became of the rows up to now."""

    def __init__(self, job: Job, look: Look, to: Destination) -> None:
        self._job, self._look, self._to = job, look, to
        self._marks = Marks() if job.dry else None
        self._types: dict[tuple[str, str], str] = {}
        self.report = Report()

    async def run(self, told: Told) -> None:
        """Send the file from where it was left. Raises LenticularError."""
        job = self._job
        properties = properties_of(self._look.types, job.columns, job.what)
        named = [(scope, name, kind) for (scope, name), kind in properties.items()]
        asked = Beginning(
            job.what,
            job.file.name,
            job.file.stat().st_size,
            await asyncio.to_thread(head_of, job.file),
            job.columns,
            named,
            job.segment,
            job.restart,
        )
        note = await self._to.begin(asked)
        self.report = note.report
        self._types = {**properties, **await self._to.types()}
        made = RowEvents(Source(job.file.name, job.columns, job.now, self._types, job.what, job.segment))
        with (
            open_rows(job.file, note.position) as opened,
            rejects_to(job.rejects, opened.rows.header, note.position != Position()) as rejects,
        ):
            reader = Reader(made, job.what, self._types, rejects)
            parts = reader.parts(opened.rows, job.create, job.dry)
            part = await asyncio.to_thread(_next, parts)
            while part is not None:
                # The next part is read while this one is taken in.
                taking = asyncio.create_task(self._take(part))
                following = await asyncio.to_thread(_next, parts)
                taken = await taking
                self.report.add(taken.report)
                self.report.add(part.refused)
                self.report.add(reader.unknown(taken.unknown))
                told(opened.read(), self.report)
                part = following
        if self._marks:
            self._marks.close()

    async def _take(self, part: Part) -> Taken:
        events, double = part.events, 0
        if self._marks is not None:
            part, double = self._once(part, self._marks)
        if self._marks is not None and not events:
            return Taken(Report())
        taken = await self._to.take(part)
        taken.report.duplicate += double
        if taken.properties > len(self._types):
            self._types.update(await self._to.types())
        return taken

    def _once(self, part: Part, marks: Marks) -> tuple[Part, int]:
        """Leave out what came in an earlier part of the file, which a trial does not take in."""
        found = [hash64(_name(event, part.what)) for event in part.events]
        new = marks.add(found)
        kept = [at for at, mark in enumerate(found) if mark in new]
        events, lines = [part.events[at] for at in kept], [part.lines[at] for at in kept]
        return msgspec.structs.replace(part, events=events, lines=lines), len(part.events) - len(events)


def _name(event: Event, what: What) -> str:
    """Return what makes two rows the same."""
    if what != "members":
        return event.message_id
    return f"user:{event.user_id}" if event.user_id else f"anonymous:{event.anonymous_id}"


def _next(parts: Iterator[Part]) -> Any:
    return next(parts, None)
