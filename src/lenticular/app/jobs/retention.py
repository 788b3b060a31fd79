"""Retention as a job: every night, at each site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.nightly import last_night, no_arguments
from lenticular.app.jobs.run import Run
from lenticular.app.retention import find_old, forget_counts, forget_events, recount
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem
from lenticular.jobs.job import Job


class RetentionKind(Kind):
    """What is older than the site's retention goes; of the history of segments, what is older than `segment_days`."""

    name = "retention"
    upkeep = True

    def __init__(self, sites: Mapping[str, LiveSite], segment_days: int) -> None:
        self._sites, self._segment_days = sites, segment_days

    async def due(self, now: int) -> Sequence[Job]:
        """Return a run for each site, from three o'clock of its zone on."""
        zones = {key: site.engine.segments.calendar for key, site in self._sites.items()}
        return [Job(self.name, key, slot=last_night(calendar, now)) for key, calendar in zones.items()]

    def asked(self, site: str, arguments: dict[str, Any]) -> Job:
        """Return a run at a site. Raises LenticularError."""
        if site not in self._sites:
            raise LenticularError(Problem("retention.site", "Of which site?", hint="Ask at a site."))
        no_arguments(arguments)
        return Job(self.name, site)

    async def run(self, run: Run) -> None:
        """Let go of what is old. Raises EventsUnavailableError, StoreError."""
        site = self._sites[run.job.site]
        run.results(counts=await forget_counts(site, self._segment_days))
        old = await find_old(site)
        if old.kept_from is None:
            return
        if old.events:
            await run.note(events=old.events)  # behaviours are to be counted anew, also if this process dies meanwhile
        await forget_events(site, old.kept_from)
        recounted = await recount(site) if run.job.note else 0
        run.results(events=run.job.note.get("events", 0), recounted=recounted)
