"""What every store of jobs does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from lenticular.catalog.author import Author
from lenticular.errors import ConflictError, Problem
from lenticular.jobs.job import Job, WantedJobs
from lenticular.stores.sql.database import SqlDatabase
from lenticular.stores.sql.jobs import SqlJobs

EVE = Author("Eve", "u1")
WHY = Problem("x", "It \0 went wrong.", "here", "Mend it.")


@pytest.fixture
def jobs(database: SqlDatabase) -> SqlJobs:
    return SqlJobs(database)


def order(kind: str = "export", site: str = "shop", key: str = "", **fields: Any) -> Job:
    return Job(kind, site, key, **{"created": 5, "due": 5, **fields})


def begun(jobs: SqlJobs, job: Job, owner: str = "p", now: int = 10) -> Job:
    found = jobs.claim(job.id, owner, now, now + 30)
    assert found is not None
    return found


def ended(jobs: SqlJobs, job: Job, state: Any = "done", at: int = 20, reason: Problem | None = None) -> Job:
    found = jobs.settle(msgspec.structs.replace(job, state=state, ended=at, reason=reason))
    assert found is not None
    return found


def test_what_is_put_is_kept(jobs: SqlJobs) -> None:
    given = order(arguments={"rule": 'name == "ñ"', "n": [1, 2.5, None]}, author=EVE, slot=7)
    kept = jobs.put(given)
    assert kept == msgspec.structs.replace(given, id=kept.id) and jobs.job(kept.id) == kept
    assert jobs.job(kept.id + 1) is None
    assert (kept.state, kept.attempt, kept.began, kept.reason) == ("waiting", 0, None, None)


def test_one_of_a_kind_and_key_is_open(jobs: SqlJobs) -> None:
    first = jobs.put(order(key="a"))
    assert jobs.put(order(key="a", arguments={"other": 1})) == first
    others = [order(key="b"), order(site="bank", key="a"), order("pull", key="a"), order(site="", key="a")]
    assert len({jobs.put(one).id for one in others} | {first.id}) == 5
    running = begun(jobs, first)
    assert jobs.put(order(key="a")) == running
    ended(jobs, running)
    again = jobs.put(order(key="a"))
    assert again.id > first.id and again.state == "waiting"


def test_a_slot_comes_about_once(jobs: SqlJobs) -> None:
    first = jobs.put(order(slot=3_600))
    done = ended(jobs, begun(jobs, first))
    assert jobs.put(order(slot=3_600)) == done
    assert jobs.put(order(slot=7_200)).id > first.id
    assert jobs.put(order(site="bank", slot=3_600)).id not in (first.id, done.id)


def test_what_is_due_comes_first(jobs: SqlJobs) -> None:
    late, soon, other = (
        jobs.put(order(key=key, due=due, kind=kind))
        for key, due, kind in (("a", 30, "export"), ("b", 10, "export"), ("c", 20, "pull"))
    )
    assert jobs.due(9, ["export", "pull"], 9) == []
    assert jobs.due(30, ["export"], 9) == [soon, late]
    assert jobs.due(30, ["export", "pull"], 2) == [soon, other]
    begun(jobs, soon)
    assert jobs.due(30, ["export", "pull"], 9) == [other, late]


def test_a_job_has_one_owner(jobs: SqlJobs) -> None:
    waiting = jobs.put(order())
    mine = begun(jobs, waiting, "me", 10)
    assert (mine.state, mine.owner, mine.lease, mine.began, mine.attempt) == ("running", "me", 40, 10, 1)
    assert jobs.claim(waiting.id, "you", 10, 40) is None
    yours = msgspec.structs.replace(mine, owner="you", done=9)
    assert jobs.went_on(yours) is None and jobs.settle(yours) is None
    further = jobs.went_on(msgspec.structs.replace(mine, done=3, total=9, note={"at": 5}, result={"file": "x"}))
    assert further is not None and jobs.job(mine.id) == further
    assert (further.done, further.total, further.note, further.result) == (3, 9, {"at": 5}, {"file": "x"})
    assert jobs.renew("me", 99) == {mine.id} and jobs.renew("you", 99) == set()
    found = jobs.job(mine.id)
    assert found is not None and found.lease == 99


def test_processes_that_claim_at_once(jobs: SqlJobs) -> None:
    waiting = [jobs.put(order(key=str(at))) for at in range(10)]

    def claim_all(owner: str) -> list[int]:
        claimed = (jobs.claim(job.id, owner, 10, 40) for job in waiting)
        return [job.id for job in claimed if job is not None]

    with ThreadPoolExecutor(4) as pool:
        claimed = [job for found in pool.map(claim_all, "abcd") for job in found]
    assert sorted(claimed) == [job.id for job in waiting], "each by one"


def test_processes_that_ask_at_once(jobs: SqlJobs) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda at: jobs.put(order(slot=at // 20)).id, [0] * 20))
    assert len(found) == 1


def test_what_ended_keeps_its_reason(jobs: SqlJobs) -> None:
    failed = ended(jobs, begun(jobs, jobs.put(order())), "failed", reason=WHY)
    assert (failed.state, failed.reason, failed.ended, failed.owner) == ("failed", WHY, 20, "")
    assert jobs.settle(failed) is None and jobs.cancel(failed.id, 30) is None
    waits = begun(jobs, jobs.put(order(key="b")))
    back = jobs.settle(msgspec.structs.replace(waits, state="waiting", due=70, reason=WHY))
    assert back is not None and (back.state, back.due, back.attempt, back.reason) == ("waiting", 70, 1, WHY)
    assert begun(jobs, back, now=70).reason is None


def test_cancelled_wherever_it_stands(jobs: SqlJobs) -> None:
    waiting, running = jobs.put(order(key="a")), begun(jobs, jobs.put(order(key="b")))
    for job in (waiting, running):
        gone = jobs.cancel(job.id, 50)
        assert gone is not None and (gone.state, gone.ended, gone.owner) == ("cancelled", 50, "")
    assert jobs.went_on(running) is None and jobs.settle(running) is None
    assert jobs.cancel(999, 50) is None


def test_again_by_hand(jobs: SqlJobs) -> None:
    failed = ended(jobs, begun(jobs, jobs.put(order(note={"at": 1}))), "failed", reason=WHY)
    again = jobs.again(failed.id, 60)
    assert again is not None
    assert (again.state, again.due, again.attempt, again.reason, again.ended) == ("waiting", 60, 0, None, None)
    assert jobs.again(failed.id, 60) is None, "it waits already"
    done = ended(jobs, begun(jobs, again))
    assert jobs.again(done.id, 60) is None and jobs.again(999, 60) is None
    cancelled = jobs.cancel(jobs.put(order()).id, 70)
    jobs.put(order())
    assert cancelled is not None
    with pytest.raises(ConflictError) as error:
        jobs.again(cancelled.id, 80)
    assert error.value.problems[0].code == "job.open"


def test_what_a_dead_process_ran_waits_again(jobs: SqlJobs) -> None:
    first, second = (begun(jobs, jobs.put(order(key=key)), key, now) for key, now in (("a", 10), ("b", 50)))
    [back] = jobs.release(40)
    assert (back.id, back.state, back.attempt, back.owner) == (first.id, "waiting", 1, "")
    assert jobs.went_on(first) is None
    assert [job.id for job in jobs.release(None)] == [second.id]


def test_lists_and_counts(jobs: SqlJobs) -> None:
    made = [jobs.put(order(kind, site, str(at))) for at in range(3) for kind in ("a", "b") for site in ("", "shop")]
    begun(jobs, made[0])
    newest = sorted((job.id for job in made), reverse=True)
    assert [job.id for job in jobs.jobs(WantedJobs(), None, 5)] == newest[:5]
    assert [job.id for job in jobs.jobs(WantedJobs(), newest[4], 5)] == newest[5:10]
    for wanted, number in (
        (WantedJobs(site=""), 6),
        (WantedJobs(site="shop", kind="a"), 3),
        (WantedJobs(state="running"), 1),
        (WantedJobs(site="none"), 0),
    ):
        assert len(jobs.jobs(wanted, None, 100)) == number
    assert jobs.counts()["", "a", "running"] == 1 and jobs.counts()["", "a", "waiting"] == 2
    assert sum(jobs.counts().values()) == 12


def test_what_fails_until_it_is_made_good(jobs: SqlJobs) -> None:
    failed = ended(jobs, begun(jobs, jobs.put(order(key="a"))), "failed", reason=WHY)
    other = ended(jobs, begun(jobs, jobs.put(order(key="b"))), "failed", reason=WHY)
    assert jobs.failing() == [failed, other]
    waits = jobs.put(order(key="a"))
    assert jobs.failing() == [failed, other]
    ended(jobs, begun(jobs, waits))
    assert jobs.failing() == [other]


def test_old_ones_are_forgotten(jobs: SqlJobs) -> None:
    old = ended(jobs, begun(jobs, jobs.put(order(key="a"))), at=20)
    new = ended(jobs, begun(jobs, jobs.put(order(key="b"))), at=30)
    waiting = jobs.put(order(key="c"))
    assert jobs.forget(30) == 1 and jobs.job(old.id) is None
    assert {job.id for job in jobs.jobs(WantedJobs(), None, 9)} == {new.id, waiting.id}
