"""Purge: every night the installation lets go of sessions and links that are over, of old jobs and their files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from lenticular.app.jobs.asking import Asking
from lenticular.app.jobs.export import FOLDER
from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.nightly import last_night, no_arguments
from lenticular.app.jobs.run import Run
from lenticular.app.preview_links import PreviewLinks
from lenticular.app.site import LiveSite
from lenticular.criteria.calendar import DAY, calendar_of
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.jobs.job import Job
from lenticular.ports import AccountStore
from lenticular.settings import Settings


class PurgeKind(Kind):
    """What nobody needs any more goes, after the days that settings say."""

    name = "purge"
    upkeep = True

    def __init__(
        self,
        sites: Mapping[str, LiveSite],
        accounts: AccountStore,
        previews: PreviewLinks,
        jobs: Asking,
        settings: Settings,
    ) -> None:
        self._sites, self._accounts, self._jobs = sites, accounts, jobs
        self._settings, self._previews = settings, previews

    async def due(self, now: int) -> Sequence[Job]:
        """Return a run, from three o'clock UTC on."""
        return [Job(self.name, slot=last_night(calendar_of("UTC"), now))]

    def asked(self, site: str, arguments: dict[str, Any]) -> Job:
        """Return a run. Raises LenticularError."""
        if site:
            raise LenticularError(Problem("purge.site", "This is of all sites.", hint="Ask at /api/jobs."))
        no_arguments(arguments)
        return Job(self.name)

    async def run(self, run: Run) -> None:
        """Let go of it. Raises StoreError."""
        now, keeping = self._previews.clock(), self._settings
        await self._jobs.in_store(self._accounts.forget, now)
        await self._previews.forget()
        lines = 0
        if keeping.audit_days:
            lines = await self._jobs.in_store(self._accounts.forget_audit, now - keeping.audit_days * DAY)
        files = 0
        for site in list(self._sites.values()):
            files += await self._files(site, now - keeping.export_days * DAY)
        gone = await self._jobs.forget(now - keeping.job_days * DAY)
        run.results(jobs=gone, files=files, audit=lines)

    async def _files(self, site: LiveSite, before: int) -> int:
        """Delete the files of exports that ended before a moment (ms), and of those that nobody knows."""
        folder = site.stores.folder / FOLDER
        names = await asyncio.to_thread(lambda: sorted(folder.iterdir()) if folder.is_dir() else [])
        gone = 0
        for path in names:
            job = await self._job(path.stem)
            if job is None or (job.ended is not None and job.ended < before):
                await asyncio.to_thread(path.unlink, missing_ok=True)
                gone += 1
        return gone

    async def _job(self, name: str) -> Job | None:
        try:
            return await self._jobs.job(int(name))
        except StoreError:
            raise
        except (ValueError, LenticularError):  # no file of ours, or of a job that is gone
            return None
