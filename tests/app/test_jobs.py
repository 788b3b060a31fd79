"""The loop of jobs: in order, once, tried again, cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lenticular.app.jobs.run import Run
from lenticular.errors import ConflictError, EventsUnavailableError, LenticularError, Problem
from lenticular.jobs.job import Job, WantedJobs
from lenticular.stores.sql.jobs import SqlJobs
from tests.app.job_desk import Counting, Desk, becomes, opened_desk, order
from tests.postgres import DATABASES

pytestmark = pytest.mark.asyncio
MINUTE = 60_000
GONE = EventsUnavailableError(Problem("events.down", "It does not answer."))


@pytest.fixture(params=DATABASES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    with opened_desk(request.param, tmp_path) as made:
        yield made


async def test_what_is_asked_for_is_done_and_told(desk: Desk) -> None:
    async def work(run: Run) -> None:
        await run.progress(1, 2)
        await run.note(at=7)
        run.results(file="x")

    told = list[tuple[str, int]]()
    async with desk.process(Counting(work)) as jobs:
        jobs.on_change.append(lambda job: told.append((job.state, job.done)))
        jobs.on_change.append(list[Job]().remove)  # a listener that fails is no reason to fail
        job = await jobs.ask(order(arguments={"x": 1}))
        async with asyncio.timeout(60):
            while told[-1][0] != "done":
                await asyncio.sleep(0.01)
        done = await jobs.job(job.id)
    assert (done.done, done.total, done.note, done.result) == (1, 2, {"at": 7}, {"file": "x"})
    assert (done.began, done.ended, done.attempt, done.reason) == (desk.now, desk.now, 1, None)
    assert told[0] == ("waiting", 0) and told[-1] == ("done", 1) and ("running", 1) in told


@pytest.mark.parametrize("ticks", range(6))
async def test_it_stops_at_whatever_moment(desk: Desk, ticks: int) -> None:
    """Just woken, looking, or asleep again: who stops it does not wait for ever."""
    async with asyncio.timeout(60), desk.process() as jobs:
        await asyncio.sleep(0.05)
        jobs.wake()
        for _ in range(ticks):
            await asyncio.sleep(0)


async def test_one_of_a_kind_runs_at_a_time_in_order(desk: Desk) -> None:
    at_once, most = 0, 0

    async def work(run: Run) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1

    kind = Counting(work)
    async with desk.process(kind) as jobs:
        for key in "abc":
            await jobs.ask(order(key))
        await jobs.work_off()
    assert most == 1 and [run.job.key for run in kind.runs] == ["a", "b", "c"]


async def test_a_schedule_is_kept_once(desk: Desk) -> None:
    first, second = Counting(), Counting()
    first.orders = second.orders = [order(slot=3_600_000)]
    async with desk.process(first) as one, desk.process(second) as other:
        for _ in range(3):
            await asyncio.gather(one.work_off(), other.work_off())
        desk.now += 3_600_000
        first.orders = second.orders = [order(slot=7_200_000)]
        await asyncio.gather(one.work_off(), other.work_off())
    assert len(first.runs) + len(second.runs) == 2


async def test_two_processes_do_each_job_once(desk: Desk) -> None:
    async def work(run: Run) -> None:
        await asyncio.sleep(0.001)

    first, second = Counting(work), Counting(work)
    async with desk.process(first) as one, desk.process(second) as other:
        for at in range(20):
            await one.ask(order(str(at)))
        await asyncio.gather(one.work_off(), other.work_off())
        keys = [run.job.key for kind in (first, second) for run in kind.runs]
        while len(keys) < 20:  # what the other one had begun
            await asyncio.sleep(0.01)
            keys = [run.job.key for kind in (first, second) for run in kind.runs]
    assert sorted(keys, key=int) == [str(at) for at in range(20)]


async def test_what_does_not_answer_is_tried_again_and_then_has_failed(desk: Desk) -> None:
    async def work(run: Run) -> None:
        raise GONE

    kind = Counting(work)
    async with desk.process(kind) as jobs:
        job = await jobs.ask(order())
        for pause in (10_000, MINUTE, 5 * MINUTE, 30 * MINUTE):
            await jobs.work_off()
            waits = await jobs.job(job.id)
            assert (waits.state, waits.due, waits.reason) == ("waiting", desk.now + pause, GONE.problems[0])
            desk.now += pause - 1
            await jobs.work_off()
            assert await jobs.job(job.id) == waits, "not before its time"
            desk.now += 1
        await jobs.work_off()
        failed = await jobs.job(job.id)
        assert (failed.state, failed.attempt, failed.reason) == ("failed", 5, GONE.problems[0])
        assert await jobs.failing() == [failed] and jobs.failures == {("shop", "counting"): 5}
        kind.do = None
        again = await jobs.again(job.id)
        assert (again.state, again.attempt) == ("waiting", 0)
        await jobs.work_off()
        assert (await jobs.job(job.id)).state == "done" and await jobs.failing() == []
    assert len(kind.runs) == 6


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (LenticularError(Problem("rule", "No such thing.")), "failed", "rule"),
        (ZeroDivisionError(), "waiting", "job.defect"),
    ],
)
async def test_what_is_wrong_for_good_and_what_may_pass(desk: Desk, error: Exception, state: str, code: str) -> None:
    async def work(run: Run) -> None:
        raise error

    async with desk.process(Counting(work)) as jobs:
        job = await jobs.ask(order())
        await jobs.work_off()
        found = await jobs.job(job.id)
    assert found.state == state and found.reason is not None and found.reason.code == code


async def test_cancelled_while_it_waits_and_while_it_runs(desk: Desk) -> None:
    begun = asyncio.Event()

    async def work(run: Run) -> None:
        begun.set()
        await asyncio.Event().wait()

    kind = Counting(work)
    async with desk.process(kind) as jobs:
        running = await jobs.ask(order("a"))
        waiting = await jobs.ask(order("b"))
        await asyncio.wait_for(begun.wait(), 60)
        for job in (waiting, running):
            assert (await jobs.cancel(job.id)).state == "cancelled"
            with pytest.raises(ConflictError):
                await jobs.cancel(job.id)
        assert {job.key for job in kind.left} == {"a", "b"}
        kind.do = None
        await jobs.again(running.id, "shop")
        await jobs.work_off()
        assert (await jobs.job(running.id)).state == "done"
        for identity, site in ((999, None), (running.id, "bank"), (running.id, "")):
            for ask in (jobs.job, jobs.cancel, jobs.again):
                with pytest.raises(LenticularError) as error:
                    await ask(identity, site)
                assert error.value.problems[0].code == "job.unknown"


async def test_what_another_process_cancels_stops(desk: Desk) -> None:
    gone = asyncio.Event()

    async def work(run: Run) -> None:
        try:
            for at in range(1 << 30):
                await run.note(at=at)
        finally:
            gone.set()

    async with desk.process(Counting(work)) as one, desk.process(by_itself=False) as other:
        job = await one.ask(order())
        await becomes(one, job, "running")
        await other.cancel(job.id)
        await asyncio.wait_for(gone.wait(), 60)
        await becomes(one, job, "cancelled")


async def test_some_kinds_are_done_to_their_end(desk: Desk) -> None:
    may_end = asyncio.Event()

    async def work(run: Run) -> None:
        await may_end.wait()

    async with desk.process(Counting(work, stoppable=False)) as jobs:
        job = await jobs.ask(order())
        await becomes(jobs, job, "running")
        with pytest.raises(ConflictError) as error:
            await jobs.cancel(job.id)
        assert error.value.problems[0].code == "job.unstoppable"
        may_end.set()
        await becomes(jobs, job, "done")


async def test_a_command_does_what_it_was_asked_for(desk: Desk) -> None:
    SqlJobs(desk.database).put(order("old", created=1, due=1))
    kind = Counting()
    kind.orders = [order("scheduled", slot=1)]
    async with desk.process(kind, by_itself=False) as jobs:
        job = await jobs.ask(order("asked"))
        await jobs.work_off()
        assert (await jobs.done(job)).state == "done"
        assert [run.job.key for run in kind.runs] == ["asked"]
        assert [one.state for one in await jobs.jobs(WantedJobs(), None, 9)] == ["done", "waiting"]


async def test_jobs_of_a_site_that_is_not_here_wait(desk: Desk) -> None:
    async with desk.process(kind := Counting()) as jobs:
        for site in ("bank", ""):
            await jobs.ask(order("x", site))
        await jobs.work_off()
    assert [run.job.site for run in kind.runs] == [""]


async def test_no_upkeep_in_the_first_minute(desk: Desk) -> None:
    kind = Counting(upkeep=True)
    kind.orders = [order(slot=1)]
    async with desk.process(kind) as jobs:
        jobs.calm = 3_600.0
        await jobs.work_off()
        assert kind.runs == []
        jobs.calm = 0.0
        await jobs.work_off()
        assert len(kind.runs) == 1


async def test_a_kind_that_can_not_say_what_is_due_stops_no_other(desk: Desk) -> None:
    class Ill(Counting):
        name = "ill"

        async def due(self, now: int) -> Sequence[Job]:
            raise ZeroDivisionError

    kind = Counting()
    kind.orders = [order(slot=1)]
    async with desk.process(Ill(), kind) as jobs:
        await jobs.work_off()
        assert len(kind.runs) == 1 and jobs.trouble == ""


async def test_what_is_only_shown_is_not_begun(desk: Desk) -> None:
    async with desk.process(kind := Counting(elsewhere=True)) as jobs:
        job = await jobs.ask(order())
        await jobs.work_off()
        assert kind.runs == [] and (await jobs.job(job.id)).state == "waiting"


async def test_what_can_not_be_begun_by_hand(desk: Desk) -> None:
    async with desk.process(Counting()) as jobs:
        for kind, code in (("counting", "job.by-hand"), ("countin", "job.kind")):
            with pytest.raises(LenticularError) as error:
                await jobs.ask_by_hand(kind, "shop", {}, order().author)
            assert error.value.problems[0].code == code
