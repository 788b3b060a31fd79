"""Jobs of processes that stop, die, sleep: taken up by another one, and by one at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from lenticular.app.jobs import loop
from lenticular.app.jobs.loop import LEASE
from lenticular.app.jobs.run import Run
from lenticular.stores.sql.jobs import SqlJobs
from tests.app.job_desk import Counting, Desk, becomes, opened_desk, order
from tests.postgres import DATABASES

pytestmark = pytest.mark.asyncio


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with opened_desk(request.param, tmp_path) as made:
        yield made


async def test_a_process_that_stops_leaves_its_jobs_as_if_not_begun(desk: Desk) -> None:
    async def work(run: Run) -> None:
        await run.note(at=5)
        await asyncio.Event().wait()

    kind = Counting(work)
    async with desk.process(kind) as jobs:
        job = await jobs.ask(order())
        async with asyncio.timeout(60):
            while not (await jobs.job(job.id)).note:
                await asyncio.sleep(0.01)
    async with desk.process(heir := Counting(), by_itself=False) as jobs:
        left = await jobs.job(job.id)
        assert (left.state, left.attempt, left.note) == ("waiting", 0, {"at": 5})
        jobs.by_itself = True
        await jobs.work_off()
    assert [run.job.note for run in heir.runs] == [{"at": 5}] and kind.left == []


async def test_the_jobs_of_a_dead_process_are_taken_up(desk: Desk) -> None:
    store = SqlJobs(desk.database)
    alone, _ = (store.put(order(key, created=1, due=1)) for key in "ab")
    store.claim(alone.id, "dead", desk.now, desk.now + LEASE)
    async with desk.process(kind := Counting(), alone=True) as jobs:
        await jobs.work_off()
        assert [run.job.key for run in kind.runs] == ["a", "b"] and kind.runs[0].job.attempt == 2
    again = store.put(order("c", created=1, due=1))
    store.claim(again.id, "perhaps dead", desk.now, desk.now + LEASE)
    async with desk.process(kind := Counting()) as jobs:
        await jobs.work_off()
        assert kind.runs == [] and (await jobs.job(again.id)).state == "running"
    desk.now += LEASE
    async with desk.process(kind := Counting()) as jobs:
        await jobs.work_off()
        assert [run.job.key for run in kind.runs] == ["c"]


async def test_a_machine_that_slept_keeps_what_it_runs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_RENEW", 0.0)  # at every look
    may_end = asyncio.Event()

    async def work(run: Run) -> None:
        await may_end.wait()

    async with desk.process(kind := Counting(work)) as jobs:
        job = await becomes(jobs, await jobs.ask(order()), "running")
        desk.now += 10 * LEASE
        async with asyncio.timeout(60):
            while (await jobs.job(job.id)).lease <= desk.now:
                await asyncio.sleep(0.01)
        may_end.set()
        done = await becomes(jobs, job, "done")
    assert done.attempt == 1 and len(kind.runs) == 1


async def test_what_was_cancelled_elsewhere_stops_at_the_next_look(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "_RENEW", 0.0)

    async def work(run: Run) -> None:
        await asyncio.Event().wait()  # and says nothing of its progress

    async with desk.process(kind := Counting(work)) as one, desk.process(by_itself=False) as other:
        job = await becomes(one, await one.ask(order()), "running")
        await other.cancel(job.id)
        async with asyncio.timeout(60):
            while not kind.left:
                await asyncio.sleep(0.01)
    assert [left.id for left in kind.left] == [job.id]


async def test_a_job_that_ends_the_server_each_time_has_failed(desk: Desk) -> None:
    store = SqlJobs(desk.database)
    job = store.put(order(created=1, due=1))
    for _ in range(5):
        store.claim(job.id, "dead", desk.now, desk.now + LEASE)
        store.release(None)
    async with desk.process(kind := Counting()) as jobs:
        await jobs.work_off()
        failed = await jobs.job(job.id)
    assert kind.runs == [] and failed.state == "failed"
    assert failed.reason is not None and failed.reason.code == "job.died"
