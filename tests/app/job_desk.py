"""A database, a clock, and processes that share them: what tests of jobs work with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from lenticular.app.jobs.kind import Kind
from lenticular.app.jobs.loop import Jobs
from lenticular.app.jobs.run import Run
from lenticular.jobs.job import Job
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.jobs import SqlJobs
from tests.postgres import schema


class Counting(Kind):
    """Does what a test says, and counts how often."""

    name = "counting"

    def __init__(self, do: Callable[[Run], Awaitable[None]] | None = None, **said: Any) -> None:
        self.do, self.runs, self.left = do, list[Run](), list[Job]()
        self.orders: Sequence[Job] = ()
        for name, value in said.items():
            setattr(self, name, value)

    async def due(self, now: int) -> Sequence[Job]:
        return self.orders

    async def run(self, run: Run) -> None:
        self.runs.append(run)
        if self.do is not None:
            await self.do(run)

    async def gave_up(self, job: Job) -> None:
        self.left.append(job)


class Desk:
    """A database, a clock, and processes that share them."""

    def __init__(self, url: str, pool: ThreadPoolExecutor) -> None:
        self.database, self.pool, self.now = SqlDatabase(url), pool, 1_000_000

    @asynccontextmanager
    async def process(self, *kinds: Kind, alone: bool = False, by_itself: bool = True) -> AsyncIterator[Jobs]:
        jobs = Jobs({"shop": None}, lambda: self.now)
        jobs.use(SqlJobs(self.database), self.pool)
        jobs.by_itself, jobs.calm = by_itself, 0
        await jobs.open(kinds, alone)
        try:
            yield jobs
        finally:
            await jobs.stop()


@contextmanager
def opened(database: str, folder: Path) -> Iterator[str]:
    if database == "sqlite":
        yield f"sqlite:///{folder / 'catalog.db'}"
    else:
        with schema() as url:
            yield url


@contextmanager
def opened_desk(database: str, folder: Path) -> Iterator[Desk]:
    """A desk on SQLite or PostgreSQL."""
    with opened(database, folder) as url:
        made = Desk(url, pool := ThreadPoolExecutor(4))
        yield made
        pool.shutdown()
        made.database.close()


def order(key: str = "", site: str = "shop", **fields: Any) -> Job:
    return Job("counting", site, key, **fields)


async def becomes(jobs: Jobs, job: Job, state: str) -> Job:
    async with asyncio.timeout(60):
        while (found := await jobs.job(job.id)).state != state:
            await asyncio.sleep(0.01)
    return found
