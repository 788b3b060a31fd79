"""The loop of all jobs: asks for what is due, begins what can be, writes how it went (ADR 0028).

A job is a row. Whoever claims it owns it as long as it renews its lease; the row of a process that died is taken up by
the next one. So each is done at least once, by one process at a time, and goes on from its note where its kind has one.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from lenticular.app.jobs.asking import Asking
from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.run import Run
from lenticular.app.jobs.told import defect, died
from lenticular.errors import EventsUnavailableError, LenticularError, Problem, StoreError
from lenticular.jobs.back_off import next_try
from lenticular.jobs.job import Job
from lenticular.logs import SITE
from lenticular.ports import Clock

LEASE = 30_000
"""Milliseconds after which what a silent process ran is taken up by another one."""
_LOOK, _RENEW, _CALM = 1.0, 10.0, 60.0
_log = logging.getLogger(__name__)


class Jobs(Asking):
    """The jobs of an installation. `sites` are those that are open here: jobs of others are left to other processes.

    `by_itself`: what is due is done; else (a command) only what this process was asked for. `on_change` are told of
    every job whose state or progress was written here. `trouble` says why no job can be begun, "" if they can.
    """

    def __init__(self, sites: Mapping[str, Any], clock: Clock) -> None:
        super().__init__(clock)
        self._sites = sites
        self.by_itself = True
        self.calm = _CALM
        """Seconds after the start in which no upkeep begins by itself."""
        self.trouble = ""
        self.failures: dict[tuple[str, str], int] = {}
        """How many tries went wrong since the start, by site and kind."""
        self.failed: list[Job] = []
        """What failed for good and nothing has made good since, as of the last look."""
        self._news = True
        self._ill: set[str] = set()
        self._owner = secrets.token_hex(8)
        self._looping: asyncio.Task[None] | None = None
        self._working = asyncio.Lock()
        self._stopping = False
        self._opened = self._renewed = 0.0

    async def open(self, kinds: Iterable[Kind], alone: bool) -> None:
        """Take up what the last process left; `alone`: nobody else has this database. Raises StoreError."""
        self.kinds = {kind.name: kind for kind in kinds}
        self._opened = self._renewed = asyncio.get_running_loop().time()
        for job in await self.in_store(self._store.release, None if alone else self._clock()):
            self._tell(job)
        self._looping = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """Stop; what runs waits for the next start, as if it had not been begun."""
        self._stopping = True
        tasks = [task for _, task in self._running.values()]
        tasks += [self._looping] if self._looping is not None else []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def work_off(self) -> None:
        """Do everything that is due now, to its end. Raises StoreError."""
        await self._look()
        while self._running:
            await asyncio.wait([task for _, task in self._running.values()], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)
            await self._look()

    async def _loop(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._look()
                self.trouble = ""
            except LenticularError as error:
                if not self.trouble:  # said once, not every second
                    _log.warning("Jobs wait: %s.", error.codes)
                self.trouble = str(error.problems[0])
            except Exception:
                if not self.trouble:
                    _log.exception("Jobs wait.")
                self.trouble = "A defect of ours; the server's log says more."

    async def _look(self) -> None:
        """Ask for what is due, let go of what is not ours any more, begin what can be begun."""
        async with self._working:
            if self.by_itself:
                await self._ask_for_due()
            await self._renew()
            if self._news:
                self._news = False
                self.failed = await self.failing()
            free = [kind.name for kind in self.kinds.values() if not kind.elsewhere]
            for job in await self.in_store(self._store.due, self._clock(), free, 100):
                if self._may_begin(job):
                    await self._begin(job)

    async def _ask_for_due(self) -> None:
        calm = asyncio.get_running_loop().time() - self._opened < self.calm
        for kind in [each for each in self.kinds.values() if not (calm and each.upkeep)]:
            for order in await self._due(kind):
                if not self._has_put(order):
                    await self._put(order)

    async def _due(self, kind: Kind) -> Sequence[Job]:
        """Return what is due of a kind; one that can't say so stops no other."""
        try:
            due = await kind.due(self._clock())
            self._ill.discard(kind.name)
            return due
        except StoreError:
            raise
        except Exception:
            if kind.name not in self._ill:  # said once, not every second
                self._ill.add(kind.name)
                _log.exception("What is due of the kind %s is not known.", kind.name)
            return ()

    async def _renew(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._renewed < _RENEW:
            return
        self._renewed, self._news = now, True
        running = list(self._running.items())  # first ours, then what others left: this machine may have slept
        if running:
            ours = await self.in_store(self._store.renew, self._owner, self._clock() + LEASE)
            for identity, (_, task) in running:
                if identity not in ours:
                    task.cancel()
        if self.by_itself:
            for job in await self.in_store(self._store.release, self._clock()):
                self._tell(job)

    def _may_begin(self, job: Job) -> bool:
        if (job.site and job.site not in self._sites) or not (self.by_itself or job.id in self.own):
            return False
        each = self.kinds[job.kind].per_site
        same = [one for one, _ in self._running.values() if one.kind == job.kind]
        return not any(not each or one.site == job.site for one in same)

    async def _begin(self, waiting: Job) -> None:
        now = self._clock()
        job = await self.in_store(self._store.claim, waiting.id, self._owner, now, now + LEASE)
        if job is None:
            return
        kind = self.kinds[job.kind]
        if job.attempt > kind.tries:
            self._told_settled(await self.in_store(self._store.settle, self._failed(job, died(kind.tries))))
            return
        self._tell(job)
        task = asyncio.create_task(self._run(kind, job))
        self._running[job.id] = job, task
        task.add_done_callback(lambda _: self._ended(job))

    def _ended(self, job: Job) -> None:
        self._running.pop(job.id, None)
        self._wanted.set()

    async def _run(self, kind: Kind, job: Job) -> None:
        """Do a job, and write how that went."""
        SITE.set(job.site)
        run = Run(job, self._went_on)
        try:
            await kind.run(run)
            ended = msgspec.structs.replace(run.job, state="done", ended=self._clock(), reason=None)
        except asyncio.CancelledError:
            if not self._stopping:
                await self._gave_up(kind, run.job)
                return
            ended = msgspec.structs.replace(run.job, state="waiting", attempt=run.job.attempt - 1)
        except (EventsUnavailableError, StoreError) as error:
            ended = self._wrong(kind, run.job, error.problems[0], passing=True)
        except LenticularError as error:
            ended = self._wrong(kind, run.job, error.problems[0], passing=False)
        except Exception:
            _log.exception("The job %d (%s) met a defect of ours.", job.id, job.kind)
            ended = self._wrong(kind, run.job, defect(), passing=True)
        await self._settle(ended)

    async def _gave_up(self, kind: Kind, job: Job) -> None:
        """Put away what remains of a job that was cancelled; one that another process has is that one's."""
        with suppress(LenticularError):
            if (await self.job(job.id)).state == "cancelled":
                await kind.gave_up(job)

    def _wrong(self, kind: Kind, job: Job, reason: Problem, passing: bool) -> Job:
        """Return a job that went wrong: it waits for its next try, or has failed for good."""
        name = job.site, job.kind
        self.failures[name] = self.failures.get(name, 0) + 1
        due = next_try(job.attempt, self._clock(), kind.tries) if passing else None
        if due is None:
            _log.error("The job %d (%s) has failed: %s.", job.id, job.kind, reason.code)
            return self._failed(job, reason)
        _log.warning("The job %d (%s) is tried again: %s.", job.id, job.kind, reason.code)
        return msgspec.structs.replace(job, state="waiting", due=due, reason=reason)

    def _failed(self, job: Job, reason: Problem) -> Job:
        return msgspec.structs.replace(job, state="failed", ended=self._clock(), reason=reason)

    async def _settle(self, ended: Job) -> None:
        """Write how a job ended; as long as that can't be, it is tried, and the job counts as running."""
        while True:
            try:
                self._told_settled(await self.in_store(self._store.settle, ended))
            except StoreError as error:
                if self._stopping:
                    return
                _log.warning("How the job %d ended can't be written: %s.", ended.id, error.codes)
                await asyncio.sleep(_LOOK)
            else:
                return

    def _told_settled(self, job: Job | None) -> None:
        self._news = True
        if job is not None:
            self._tell(job)

    async def _went_on(self, job: Job) -> Job:
        """Write the progress of a job. Raises CancelledError if it was cancelled, or taken over."""
        found = await self.in_store(self._store.went_on, job)
        if found is None:
            raise asyncio.CancelledError
        self._tell(found)
        return found
