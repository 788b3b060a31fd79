"""The child's life: it starts, is started again, ends with its parent, and is alone on its folder."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import pytest

from lenticular.errors import EventsUnavailableError, StoreError
from lenticular.stores.clickhouse.backoff import Backoff
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from tests.stores.clickhouse.rows import batch_of, event_row

PARENT = """
import asyncio, sys
from pathlib import Path
from lenticular.stores.clickhouse.supervisor import ClickHouseChild

async def main():
    child = ClickHouseChild(Path(sys.argv[1]), memory=1024**3)
    await child.start()
    print(child.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


def child_of(folder: Path) -> ClickHouseChild:
    return ClickHouseChild(folder, threads=1, memory=1024**3, backoff=Backoff(0.02, 0.1))


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def ended(pid: int) -> bool:
    for _ in range(200):
        if not alive(pid):
            return True
        await asyncio.sleep(0.05)
    return False


async def reborn(child: ClickHouseChild, dead: int) -> None:
    for _ in range(400):
        if child.ready and child.pid not in (None, dead):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the child was not started again")


async def test_it_starts_dies_starts_again_and_stops(folder: Path) -> None:
    child = child_of(folder)
    with pytest.raises(EventsUnavailableError):
        _ = child.url
    await child.start()
    await child.start()
    events = ClickHouseEvents(child, "site_life")
    await events.open()
    await events.insert(batch_of([event_row(1)]))
    pid = child.pid
    assert pid is not None
    first = (pid, child.token, child.incarnation)
    os.kill(pid, signal.SIGKILL)
    assert await ended(pid)
    with pytest.raises(EventsUnavailableError, match="again by itself"):
        await events.query("SELECT 1", {})
    await reborn(child, pid)
    assert await child.wait_ready(0)
    assert child.restarts == 1
    assert not set(first) & {child.pid, child.token, child.incarnation}
    assert await events.query("SELECT count() FROM events", {}) == [(1,)]
    last = child.pid
    await events.close()
    await child.stop()
    await child.stop()
    assert not child.ready
    assert last is not None
    assert not alive(last)


async def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    child = child_of(tmp_path / "a b?c&d=%20 é'\"#")
    await child.start()
    events = ClickHouseEvents(child, "site_é`'\\ x")
    await events.open()
    await events.insert(batch_of([event_row(1)]))
    assert await events.query("SELECT count() FROM events", {}) == [(1,)]
    assert [path.name for path in tmp_path.iterdir()] == [child.folder.name]
    await events.close()
    await child.stop()


async def test_it_is_started_again_as_often_as_it_dies(folder: Path) -> None:
    child = child_of(folder)
    await child.start()
    for death in (signal.SIGTERM, signal.SIGSEGV, signal.SIGKILL):
        pid = child.pid
        assert pid is not None
        os.kill(pid, death)
        await reborn(child, pid)
        assert not alive(pid)
    assert child.restarts == 3
    await child.stop()


async def test_it_ends_when_its_parent_is_killed(folder: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(folder), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert parent.stdout is not None
    pid = int(await asyncio.wait_for(parent.stdout.readline(), 30))
    assert alive(pid)
    with pytest.raises(StoreError, match="in use by another process"):
        await child_of(folder).start(patience=0)
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    # At once: the next server waits for the orphan to be gone.
    heir = child_of(folder)
    await heir.start()
    assert await ended(pid)
    await heir.stop()
    await parent.stdout.read()


async def test_a_busy_child_ends_with_its_parent_too(folder: Path) -> None:
    child = child_of(folder)
    await child.start()
    events = ClickHouseEvents(child, "default")
    endless = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
    asking = asyncio.create_task(events.query(endless, {}))
    for _ in range(200):
        [(running,)] = await events.query("SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%'", {})
        if running > 1:
            break
        await asyncio.sleep(0.02)
    pid = child.pid
    assert pid is not None
    await child.stop()
    assert not alive(pid)
    with pytest.raises(EventsUnavailableError):
        await asking
    await events.close()


async def test_one_folder_one_child(folder: Path) -> None:
    child = child_of(folder)
    await child.start()
    second = child_of(folder)
    with pytest.raises(StoreError) as caught:
        await second.start(patience=0.3)
    problem = caught.value.problems[0]
    assert (problem.code, problem.place) == ("folder-in-use", str(folder))
    assert "another data folder" in problem.hint
    assert not second.ready
    assert second.pid is None
    assert child.ready
    await child.stop()
    await second.start()
    await second.stop()


async def test_what_a_dead_child_left_in_its_temporary_folder_is_removed(folder: Path) -> None:
    (folder / "tmp" / "deep").mkdir(parents=True)
    (folder / "tmp" / "deep" / "left").write_bytes(b"x" * 1000)
    child = child_of(folder)
    await child.start()
    assert list((folder / "tmp").iterdir()) == []
    environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    arguments = Path(f"/proc/{child.pid}/cmdline").read_bytes()
    assert child.token.encode() not in environment + arguments
    await child.stop()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(StoreError, match="can't be opened"):
        await child_of(tmp_path / "clickhouse").start()
    tmp_path.chmod(stat.S_IRWXU)


async def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "clickhouse").write_text("not a folder")
    with pytest.raises(StoreError) as caught:
        await child_of(tmp_path / "clickhouse").start()
    assert caught.value.problems[0].code == "folder-unusable"


async def test_a_store_that_can_not_be_opened_is_said(folder: Path) -> None:
    folder.mkdir()
    (folder / "store").write_text("a file where a folder should be")
    child = child_of(folder)
    with pytest.raises(StoreError, match=r"child\.log"):
        await child.start()
    assert child.pid is None


def test_backoff_doubles_up_to_its_most_and_starts_over_after_a_good_life() -> None:
    backoff = Backoff(first=0.2, most=10, good=60)
    lives = [1, 1, 1, 1, 1, 1, 1, 1, 60, 61, 2]
    pauses = [backoff.pause(life) for life in lives]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10, 0.2, 0.4]
