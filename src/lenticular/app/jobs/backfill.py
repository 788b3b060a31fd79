"""New behaviours: the counting of what was before, as a job to look at.

It is driven where its position is kept, with the profiles (ADR 0009): it must go on also when the relational database
does not answer. So this kind waits for it and says how far it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.app.site import LiveSite
from lenticular.jobs.job import Job

_OF = 1_000
_MOMENT = 0.5


class BackfillKind(Kind):
    """A site's counting of new behaviours; segments need it, so it is not cancelled. Progress is in thousandths."""

    name = "backfill"
    per_site = True
    stoppable = False

    def __init__(self, sites: Mapping[str, LiveSite]) -> None:
        self._sites = sites

    async def due(self, now: int) -> Sequence[Job]:
        """Return a job for each site at which something is being counted."""
        return [Job(self.name, key) for key, site in self._sites.items() if site.backfill.preparing]

    async def run(self, run: Run) -> None:
        """Return when all is counted."""
        backfill = self._sites[run.job.site].backfill
        while backfill.preparing:
            with suppress(TimeoutError):
                async with asyncio.timeout(_MOMENT):
                    await backfill.complete()
            await run.progress(int(_OF * backfill.progress(list(backfill.preparing))), _OF)
        await run.progress(_OF, _OF)
