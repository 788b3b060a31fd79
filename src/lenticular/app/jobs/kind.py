"""A kind of job: what is due by itself, and how one is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lenticular.app.jobs.run import Run
from lenticular.errors import LenticularError, Problem
from lenticular.jobs.back_off import TRIES
from lenticular.jobs.job import Job


class Kind:
    """What every kind says of itself; a kind changes what is different.

    Of one kind one job runs at a time in a process: of a `per_site` one, one for each site. After `tries` tries that
    went wrong for a while (a store that did not answer, a defect) it has failed for good; what is wrong for good fails
    at once. `upkeep` is not begun in the first minute of a server. What runs `elsewhere` is only shown here.
    """

    name = ""
    tries = TRIES
    per_site = False
    upkeep = False
    elsewhere = False
    stoppable = True
    """Whether one that runs can be cancelled."""

    async def due(self, now: int) -> Sequence[Job]:
        """Return what is to be done by itself by now (ms); what is open already or had its slot comes about once."""
        return ()

    def asked(self, site: str, arguments: dict[str, Any]) -> Job:
        """Return the job that someone asks for by hand, at a site or (empty) of all. Raises LenticularError."""
        hint = "It is begun by what it belongs to: a plan, a source, an import, a publication."
        raise LenticularError(Problem("job.by-hand", f"A job of the kind {self.name} can't be begun so.", hint=hint))

    async def run(self, run: Run) -> None:
        """Do it. Raises LenticularError with the reason where it can't be done, or not now."""
        raise NotImplementedError

    async def gave_up(self, job: Job) -> None:
        """Put away what remains of a job that was cancelled."""
