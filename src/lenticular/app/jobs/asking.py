"""Ask for jobs, look at them, cancel them, run them again: what commands, screens and the loop itself do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any, ParamSpec, TypeVar

import msgspec

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.told import ended_job, not_again, unknown_job, unstoppable
from lenticular.catalog.author import Author
from lenticular.errors import ConflictError, LenticularError, Problem, did_you_mean
from lenticular.jobs.job import Job, State, WantedJobs
from lenticular.ports import Clock, JobStore

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)
_PUT, _LARGEST = 1_000, 100_000


class Asking:
    """The jobs of an installation, as others ask for them. All raise StoreError."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kinds: dict[str, Kind] = {}
        self.on_change: list[Callable[[Job], None]] = []
        self.own: set[int] = set()
        """The ids of those that this process was asked for."""
        self._running: dict[int, tuple[Job, asyncio.Task[None]]] = {}
        self._wanted = asyncio.Event()
        self._slots: dict[tuple[str, str, str, int], None] = {}
        self._threads: Executor | None = None
        self._kept: JobStore | None = None

    def use(self, store: JobStore, threads: Executor) -> None:
        """Keep jobs in a store, which is asked in threads."""
        self._kept, self._threads = store, threads

    @property
    def _store(self) -> JobStore:
        if self._kept is None:
            raise RuntimeError("The installation is not open.")
        return self._kept

    async def in_store(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the relational database in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(ask, *args, **kwargs))

    def wake(self) -> None:
        """Look at once at what is due."""
        self._wanted.set()

    def kind(self, name: str) -> Kind:
        """Return a kind. Raises LenticularError if there is none."""
        found = self.kinds.get(name)
        if found is None:
            hint = did_you_mean(name, self.kinds) or f"There are {', '.join(sorted(self.kinds))}."
            raise LenticularError(Problem("job.kind", f"There is no kind of job {name!r:.80}.", "kind", hint))
        return found

    async def ask(self, order: Job) -> Job:
        """Have something done; if the same is open already, that is returned."""
        job = await self._put(order)
        self.own.add(job.id)
        self._wanted.set()
        return job

    async def ask_by_hand(self, kind: str, site: str, arguments: dict[str, Any], author: Author) -> Job:
        """Have a job done that someone asks for by its kind. Raises LenticularError."""
        if len(msgspec.json.encode(arguments)) > _LARGEST:
            raise LenticularError(Problem("job.arguments", "These arguments are too large.", "arguments"))
        order = self.kind(kind).asked(site, arguments)
        return await self.ask(msgspec.structs.replace(order, author=author))

    async def job(self, identity: int, site: str | None = None) -> Job:
        """Return a job, if it is one of this site (None: whichever). Raises LenticularError if there is none."""
        found = await self.in_store(self._store.job, identity)
        if found is None or site not in (None, found.site):
            raise LenticularError(unknown_job(identity))
        return found

    async def jobs(self, wanted: WantedJobs, before: int | None, limit: int) -> list[Job]:
        """Return jobs, the newest first, below an id."""
        return await self.in_store(self._store.jobs, wanted, before, limit)

    async def failing(self) -> list[Job]:
        """Return the jobs that failed for good and that nothing has made good since."""
        return await self.in_store(self._store.failing)

    async def open_one(self, order: Job) -> Job | None:
        """Return the open job of the same site, kind and key, if there is one."""
        return await self.in_store(self._store.open_one, order.site, order.kind, order.key)

    async def forget(self, before: int) -> int:
        """Delete jobs that ended before a moment (ms); return how many."""
        return await self.in_store(self._store.forget, before)

    def counts(self) -> dict[tuple[str, str, State], int]:
        """Return how many jobs there are, by site, kind and state; for a thread."""
        return self._store.counts()

    async def cancel(self, identity: int, site: str | None = None) -> Job:
        """Cancel a job. Raises LenticularError, ConflictError if it has ended or can't be stopped."""
        job = await self.job(identity, site)
        kind = self.kinds.get(job.kind)
        if job.state == "running" and kind is not None and not kind.stoppable:
            raise ConflictError(unstoppable(job.kind))
        cancelled = await self.in_store(self._store.cancel, identity, self._clock())
        if cancelled is None:
            raise ConflictError(ended_job())
        self._tell(cancelled)
        if identity in self._running:
            _, task = self._running[identity]
            task.cancel()
            await asyncio.wait((task,))
        elif kind is not None:
            await kind.gave_up(cancelled)
        return cancelled

    async def again(self, identity: int, site: str | None = None) -> Job:
        """Run a job again that failed or was cancelled. Raises LenticularError, ConflictError for another one."""
        job = await self.job(identity, site)
        found = await self.in_store(self._store.again, identity, self._clock())
        if found is None:
            raise ConflictError(not_again(job.state))
        self.own.add(found.id)
        self._tell(found)
        self._wanted.set()
        return found

    async def done(self, job: Job) -> Job:
        """Return a job once it has ended, or waits to be tried again."""
        while True:
            found = await self.job(job.id)
            if found.ended is not None or (found.state == "waiting" and found.reason is not None):
                return found
            await asyncio.sleep(0.05)

    async def take(self, order: Job, owner: str, lease: int) -> Job | None:
        """Have a job that someone drives elsewhere, from now on; None if another one drives it."""
        job = await self._put(order)
        if job.state == "waiting":
            now = self._clock()
            found = await self.in_store(self._store.claim, job.id, owner, now, now + lease)
            if found is not None:
                self._tell(found)
            return found
        return job if job.owner == owner else None

    async def show(self, job: Job) -> None:
        """Write how far one is that is driven elsewhere, or that it has ended."""
        if job.state == "running":
            found = await self.in_store(self._store.went_on, job)
        else:
            found = await self.in_store(self._store.settle, msgspec.structs.replace(job, ended=self._clock()))
        if found is not None:
            self._tell(found)

    async def _put(self, order: Job) -> Job:
        now = self._clock()
        job = await self.in_store(self._store.put, msgspec.structs.replace(order, created=now, due=order.due or now))
        if order.slot is not None:
            self._slots[order.site, order.kind, order.key, order.slot] = None
            while len(self._slots) > _PUT:
                del self._slots[next(iter(self._slots))]
        if job.created == now and job.state == "waiting":
            self._tell(job)
        return job

    def _has_put(self, order: Job) -> bool:
        """Return whether an order of a schedule need not be put again: it was, or the same runs here."""
        if order.slot is not None and (order.site, order.kind, order.key, order.slot) in self._slots:
            return True
        which = order.site, order.kind, order.key
        return any((job.site, job.kind, job.key) == which for job, _ in self._running.values())

    def _tell(self, job: Job) -> None:
        for tell in self.on_change:
            try:
                tell(job)
            except Exception:
                _log.exception("Someone could not be told of a job.")
