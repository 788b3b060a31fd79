"""Imports as jobs to look at: the command reads the file and drives them (ADR 0018), the server knows how far they are.

One that stands still for a day waits; the same command again goes on with it. Cancelled, it is forgotten: the next part
that the command sends is refused.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec

from lenticular.app.import_part import Note, Part
from lenticular.app.imports import forget
from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.outside import Outside
from lenticular.app.site import LiveSite
from lenticular.catalog.author import Author
from lenticular.errors import LenticularError
from lenticular.jobs.job import Job

_log = logging.getLogger(__name__)


class ImportKind(Kind):
    """An import of a file, by the id of its note; its progress is in bytes of the file (of Parquet, in rows)."""

    name = "import"
    elsewhere = True

    def __init__(self, sites: Mapping[str, LiveSite], outside: Outside) -> None:
        self._sites, self._outside = sites, outside

    async def begun(self, site: LiveSite, note: Note, author: Author) -> None:
        """Show an import that begins, or goes on."""
        arguments = {"what": note.what, "name": note.name, "size": note.size}
        order = Job(self.name, site.key, note.id, arguments=arguments, author=author)
        await self._outside.begin(msgspec.structs.replace(order, total=note.size))
        await self._outside.went_on(order, note.position.offset, note.size)

    async def went_on(self, site: LiveSite, name: str, part: Part) -> None:
        """Show that a part was taken in."""
        order = Job(self.name, site.key, name)
        if part.complete:
            await self._outside.end(order)
        elif part.advance:
            await self._outside.went_on(order, part.position.offset)

    async def forgotten(self, site: LiveSite, name: str) -> None:
        """Show that an import will not go on."""
        await self._outside.cancel(Job(self.name, site.key, name))

    async def gave_up(self, job: Job) -> None:
        """Forget how far it has come; what it brought stays."""
        self._outside.forget(job)
        site = self._sites.get(job.site)
        if site is not None:
            try:
                forget(site, job.key)
            except LenticularError:
                _log.info("The import %s was complete.", job.key)
