"""A job while it runs: what its kind works with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from lenticular.jobs.job import Job

_MOMENT = 1.0
"""Seconds between two times that progress is written."""


class Run:
    """One try of a job. `write` keeps what changed; it raises CancelledError if the job is not ours any more."""

    def __init__(self, job: Job, write: Callable[[Job], Awaitable[Job]]) -> None:
        self.job, self._write = job, write
        self._written = 0.0

    async def progress(self, done: int, total: int | None = None) -> None:
        """Say how far it is; written once a second at most. Raises StoreError, CancelledError."""
        total = self.job.total if total is None else total
        if (done, total) == (self.job.done, self.job.total):
            return
        self.job = msgspec.structs.replace(self.job, done=done, total=total)
        now = asyncio.get_running_loop().time()
        if now - self._written >= _MOMENT:
            await self._keep()

    async def note(self, **note: Any) -> None:
        """Write down where to go on if this process dies, before anything else is done. Raises like `progress`."""
        self.job = msgspec.structs.replace(self.job, note=note)
        await self._keep()

    def results(self, **result: Any) -> None:
        """Say what came of it; written with its end."""
        self.job = msgspec.structs.replace(self.job, result={**self.job.result, **result})

    async def _keep(self) -> None:
        self._written = asyncio.get_running_loop().time()
        self.job = await self._write(self.job)
