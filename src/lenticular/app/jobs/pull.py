"""Sources: what is due, or was asked for, is pulled in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.app.pulling import KIND, Pulling
from lenticular.app.site import LiveSite
from lenticular.jobs.job import Job

_MOMENT = 1.0


class PullKind(Kind):
    """A run of a source. Its schedule has a back-off of its own: a job is one run."""

    name = KIND
    tries = 1

    def __init__(self, pulling: Pulling, sites: Mapping[str, LiveSite]) -> None:
        self._pulling, self._sites = pulling, sites

    async def due(self, now: int) -> Sequence[Job]:
        """Return the runs that are due."""
        return self._pulling.due(now)

    async def run(self, run: Run) -> None:
        """Pull everything in. Raises LenticularError."""
        site, name = self._sites[run.job.site], run.job.key
        pulling = asyncio.create_task(self._pulling.run(site, name))
        try:
            while not (await asyncio.wait((pulling,), timeout=_MOMENT))[0]:
                await run.progress(self._pulling.rows(site, name))
            report = await pulling
        finally:
            pulling.cancel()
            await asyncio.wait((pulling,))
        await run.progress(report.rows)
        run.results(report=msgspec.to_builtins(report))

    async def gave_up(self, job: Job) -> None:
        """Let it be asked for again."""
        self._pulling.forget(job.site, job.key)
