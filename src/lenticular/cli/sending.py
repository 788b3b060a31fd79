"""Send the parts of a file to a site, one ahead of the other, and say what became of its rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import msgspec

from lenticular.app.columns import properties_of
from lenticular.app.import_part import Beginning, Note, Taken
from lenticular.app.report import Report
from lenticular.app.row import Position
from lenticular.cli.asking import Api
from lenticular.cli.elsewhere import Elsewhere
from lenticular.cli.job import FileReading, Job, Ready, Types
from lenticular.cli.reading import Look, head_of
from lenticular.errors import LenticularError, Problem

_LARGE = 8 << 20
"""Bytes of a file that is worth a process of its own."""

Told = Callable[[int, Report], None]
"""Told how many bytes of the file are read, and what became of the rows so far."""


class Destination(Protocol):
    """Where events go."""

    async def begin(self, asked: Beginning) -> Note:
        """Return how far the import has come."""

    async def types(self) -> dict[tuple[str, str], str]:
        """Return the properties that are known: (scope, name) to type."""

    async def take(self, ready: Ready) -> Taken:
        """Take in a part."""


class Reading(Protocol):
    """Where events come from; `job.FileReading` says what each does."""

    async def next(self) -> Ready | None:
        """Return the next part."""

    async def know(self, types: Types) -> None:
        """Take up properties."""

    async def unknown(self, lines: list[int]) -> Report:
        """Write down rows."""

    async def close(self) -> None:
        """Let go of the file."""


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

    async def take(self, ready: Ready) -> Taken:
        """Take in a part. Raises LenticularError for a server that does not know what a part may be."""
        taken = msgspec.convert(await self._api.send(self._imports, ready.body), Taken)
        if taken.report.rows < ready.events:
            hint = "It may be older than this command: start it again, then give the same command with --restart."
            raise LenticularError(Problem("import.server", "The server has not taken all rows of a part.", hint=hint))
        return taken


class Nowhere:
    """A site that there is not: what a trial would find in a new one."""

    async def begin(self, asked: Beginning) -> Note:
        """Return that nothing has come so far."""
        return Note("", asked.what, asked.name, asked.size, Position(), Report(), 0)

    async def types(self) -> dict[tuple[str, str], str]:
        """Return that nothing is known."""
        return {}

    async def take(self, ready: Ready) -> Taken:
        """Count what would be taken in."""
        return Taken(Report(accepted=ready.events))


class Here:
    """A file that is read in this process: in a thread beside the wait for a server, or in turns with one's own."""

    def __init__(self, reading: FileReading, in_thread: bool) -> None:
        self._reading, self._in_thread = reading, in_thread

    async def next(self) -> Ready | None:
        """Return the next part."""
        return await asyncio.to_thread(self._reading.next) if self._in_thread else self._reading.next()

    async def know(self, types: Types) -> None:
        """Take up properties."""
        self._reading.know(types)

    async def unknown(self, lines: list[int]) -> Report:
        """Write down rows."""
        return self._reading.unknown(lines)

    async def close(self) -> None:
        """Let go of the file."""
        self._reading.close()


class Sending:
    """An import while it runs; `report` is what became of the rows up to now. `alone`: no server runs beside this."""

    def __init__(self, job: Job, look: Look, to: Destination, alone: bool) -> None:
        self._job, self._look, self._to, self._alone = job, look, to, alone
        self.report = Report()

    async def run(self, told: Told) -> None:
        """Send the file from where it was left. Raises LenticularError."""
        job = self._job
        properties = properties_of(self._look.types, job.columns, job.what)
        named = [(scope, name, kind) for (scope, name), kind in properties.items()]
        head = await asyncio.to_thread(head_of, job.path)
        size = job.path.stat().st_size
        name, restart = job.path.name, job.restart
        note = await self._to.begin(Beginning(job.what, name, size, head, job.columns, named, job.segment, restart))
        self.report = note.report
        types = {**properties, **await self._to.types()}
        reading = await self._reading(types, note.position, size)
        try:
            await self._send(reading, len(types), told)
        finally:
            await reading.close()

    async def _reading(self, types: Types, after: Position, size: int) -> Reading:
        if self._alone and not self._job.dry and size >= _LARGE:
            return await Elsewhere.start(self._job, types, after)
        return Here(FileReading(self._job, types, after), not self._alone)

    async def _send(self, reading: Reading, known: int, told: Told) -> None:
        ready = await reading.next()
        while ready is not None:
            # The next part is read while this one is taken in.
            taking = asyncio.create_task(self._take(ready))
            try:
                following = await reading.next()
            except BaseException:
                taking.cancel()
                raise
            taken = await taking
            taken.report.duplicate += ready.double
            self.report.add(taken.report)
            self.report.add(ready.refused)
            self.report.add(await reading.unknown(taken.unknown))
            if taken.properties > known:
                types = await self._to.types()
                known = max(len(types), taken.properties)
                await reading.know(types)
            told(ready.read, self.report)
            ready = following

    async def _take(self, ready: Ready) -> Taken:
        # The last part of a trial may have nothing left to try.
        return await self._to.take(ready) if ready.events or not self._job.dry else Taken(Report())
