"""What keeps jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lenticular.jobs.job import Job, State, WantedJobs
from lenticular.profiles.fold import FoldResult as FoldResult
from lenticular.profiles.fold import LookUps as LookUps


class JobStore(Protocol):
    """The jobs of all sites. Called from threads; each call is one transaction, and StoreError says that it can't be.

    Of one site, kind and key one job is open (waiting or running) at most, and for each slot there is one. What changes
    a running job asks for its owner: another process may have taken it over, or someone cancelled it.
    """

    def put(self, new: Job) -> Job:
        """Keep a new job, its id is given here; or return the open one of the same kind and key, or of its slot."""

    def job(self, identity: int) -> Job | None:
        """Return one job."""

    def open_one(self, site: str, kind: str, key: str) -> Job | None:
        """Return the open job of a site, kind and key."""

    def jobs(self, wanted: WantedJobs, before: int | None, limit: int) -> list[Job]:
        """Return jobs, the newest first, below an id."""

    def due(self, now: int, kinds: Sequence[str], limit: int) -> list[Job]:
        """Return those of some kinds that wait and may begin by now, what has waited longest first."""

    def claim(self, identity: int, owner: str, now: int, lease: int) -> Job | None:
        """Begin a job that waits, one more try, as its owner until `lease` (ms); None if another process was first."""

    def renew(self, owner: str, lease: int) -> set[int]:
        """Own what runs for longer; return the ids of what this owner still has."""

    def went_on(self, job: Job) -> Job | None:
        """Write progress, note and result of a running job; None if it is not its owner's any more."""

    def settle(self, job: Job) -> Job | None:
        """Write how a running job ended, or that it waits again; None if it is not its owner's any more."""

    def cancel(self, identity: int, now: int) -> Job | None:
        """Cancel an open job; None if it is not open."""

    def again(self, identity: int, now: int) -> Job | None:
        """Let one that failed or was cancelled wait again, not tried yet; None if it is not such a one.

        Raises ConflictError if another one of its kind and key is open.
        """

    def release(self, now: int | None) -> list[Job]:
        """Let wait again what runs and whose lease has ended by now (ms); None: all that runs."""

    def counts(self) -> dict[tuple[str, str, State], int]:
        """Return how many jobs there are, by site, kind and state."""

    def failing(self) -> list[Job]:
        """Return the jobs that failed for good and that none of the same site, kind and key has made good since."""

    def forget(self, before: int) -> int:
        """Delete jobs that ended before a moment (ms); return how many."""
