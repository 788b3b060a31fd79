"""Jobs that the loop does not run, but shows: someone else drives them and says how far they are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from lenticular.app.jobs.asking import Asking
from lenticular.errors import StoreError
from lenticular.jobs.job import Job

_OWNER = "outside"
_MOMENT = 1.0
_DAY = 86_400_000
"""Milliseconds after which one of which nothing is heard waits."""
_Which = tuple[str, str, str]
_log = logging.getLogger(__name__)


class Outside:
    """What is shown of them. That it can't be is no reason to stop: it is logged."""

    def __init__(self, jobs: Asking) -> None:
        self._jobs = jobs
        self._shown: dict[_Which, tuple[Job, float]] = {}

    async def begin(self, order: Job) -> None:
        """Show one that begins, or goes on."""
        await self._tried(self._begin, order)

    async def went_on(self, order: Job, done: int, total: int | None = None) -> None:
        """Show how far one is, once a second at most."""
        shown = self._shown.get(_which(order))
        now = asyncio.get_running_loop().time()
        if shown is None or now - shown[1] < _MOMENT:
            return
        job = shown[0]
        further = msgspec.structs.replace(job, done=done, total=job.total if total is None else total)
        self._shown[_which(order)] = further, now
        await self._tried(self._jobs.show, further)

    async def end(self, order: Job) -> None:
        """Show that one is done."""
        shown = self._shown.pop(_which(order), None)
        if shown is not None:
            job = shown[0]
            await self._tried(self._jobs.show, msgspec.structs.replace(job, state="done", done=job.total))

    async def cancel(self, order: Job) -> None:
        """Show that one will not go on."""
        await self._tried(self._cancel, order)

    def forget(self, order: Job) -> None:
        """Show one no longer."""
        self._shown.pop(_which(order), None)

    async def _cancel(self, order: Job) -> None:
        self.forget(order)
        found = await self._jobs.open_one(order)
        if found is not None:
            await self._jobs.cancel(found.id)

    async def _begin(self, order: Job) -> None:
        job = await self._jobs.take(order, _OWNER, _DAY)
        if job is not None:
            self._shown[_which(order)] = msgspec.structs.replace(job, total=order.total), -_MOMENT

    async def _tried(self, show: Callable[[Job], Awaitable[None]], job: Job) -> None:
        try:
            await show(job)
        except StoreError as error:
            _log.warning("How far a job of the kind %s is can't be shown: %s.", job.kind, error.codes)


def _which(order: Job) -> _Which:
    return order.site, order.kind, order.key
