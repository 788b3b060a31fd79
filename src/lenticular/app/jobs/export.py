"""Exports as jobs: the file is written by the server, and fetched afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from lenticular.app.export import Asked, Export, What, export
from lenticular.app.export_formats import encoded
from lenticular.app.export_rows import Row
from lenticular.app.file_formats import MEDIA, Format
from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.app.moments import ms_of
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.ids import short_hash
from lenticular.jobs.job import Job

FOLDER = "exports"
"""Of a site's folder."""


class ExportOrder(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """What to export, as the arguments of a job have it: those of `GET /api/sites/{key}/export/{what}`."""

    what: What
    start: str | int | None = msgspec.field(default=None, name="from")
    end: str | int | None = msgspec.field(default=None, name="to")
    segment: str = ""
    at: str | int | None = None
    field: tuple[str, ...] = ()
    format: Format = "csv"
    gzip: bool = False
    excel_safe: bool = False

    @property
    def asked(self) -> Asked:
        """What is asked for. Raises LenticularError for a wrong moment."""
        return Asked(self.what, ms_of(self.start), ms_of(self.end), self.segment, ms_of(self.at), self.field)

    @property
    def file(self) -> str:
        """What the file is called."""
        return f"{self.what}.{self.format}{'.gz' if self.gzip else ''}"

    @property
    def media(self) -> str:
        """The media type of the file."""
        return "application/gzip" if self.gzip else MEDIA[self.format]


class ExportKind(Kind):
    """An export into a file of the site's folder, which is there as a whole or not at all."""

    name = "export"

    def __init__(self, sites: Mapping[str, LiveSite]) -> None:
        self._sites = sites

    def asked(self, site: str, arguments: dict[str, Any]) -> Job:
        """Return the job of an export. Raises LenticularError for what can't be exported so."""
        if not site:
            raise LenticularError(Problem("export.site", "Of which site?", hint="Ask at a site."))
        order = order_of(arguments)
        if order.gzip and order.format == "parquet":
            raise LenticularError(Problem("export.gzip", "Parquet is compressed by itself.", "gzip", "Leave it out."))
        _ = order.asked
        kept = msgspec.to_builtins(order)
        return Job(self.name, site, short_hash(msgspec.json.encode(kept).decode()), arguments=kept)

    async def run(self, run: Run) -> None:
        """Write the file. Raises LenticularError, EventsUnavailableError, StoreError for a disk that refuses."""
        site, order = self._sites[run.job.site], order_of(run.job.arguments)
        found = await export(site, order.asked)
        whole = file_of(site, run.job)
        part = whole.with_suffix(".part")
        try:
            whole.parent.mkdir(exist_ok=True)
            site.exporting += 1
            try:
                counted = Export(found.columns, _counted(found.pages, run))
                await _write(part, encoded(counted, order.format, order.gzip, order.excel_safe))
            finally:
                site.exporting -= 1
            part.replace(whole)
        except OSError as error:
            message = f"The file can't be written: {error.strerror}."
            raise StoreError(Problem("export.file", message, FOLDER, "Look at the disk.")) from None
        finally:
            part.unlink(missing_ok=True)
        run.results(file=order.file, bytes=whole.stat().st_size)

    async def gave_up(self, job: Job) -> None:
        """Leave no file behind."""
        if job.site in self._sites:
            file_of(self._sites[job.site], job).unlink(missing_ok=True)


def order_of(arguments: dict[str, Any]) -> ExportOrder:
    """Return what the arguments of a job ask for. Raises LenticularError."""
    try:
        return msgspec.convert(arguments, ExportOrder)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        hint = "The arguments are those of GET /api/sites/{key}/export/{what}."
        raise LenticularError(Problem("export.arguments", f"{message}.", path.rstrip("`"), hint)) from None


def file_of(site: LiveSite, job: Job) -> Path:
    """Return where the file of an export is."""
    return site.stores.folder / FOLDER / f"{job.id}.file"


async def _counted(pages: AsyncGenerator[list[Row], None], run: Run) -> AsyncGenerator[list[Row], None]:
    rows = 0
    async for page in pages:
        yield page
        rows += len(page)
        await run.progress(rows)


async def _write(path: Path, content: AsyncGenerator[bytes, None]) -> None:
    file = await asyncio.to_thread(path.open, "wb")
    try:
        async for piece in content:
            await asyncio.to_thread(file.write, piece)
    finally:
        await content.aclose()
        await asyncio.to_thread(file.close)
