"""Exactly once, whatever dies: each batch is there once after its sender has tried again."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from lenticular.errors import EventsUnavailableError
from lenticular.ports import Batch
from lenticular.stores.clickhouse.backoff import Backoff
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from tests.stores.clickhouse.rows import START, WEEK, batch_of, event_row

KILLS = 10
ROWS = 3000


@asynccontextmanager
async def running(
    folder: Path, database: str, spare: int = 1024**2
) -> AsyncIterator[tuple[ClickHouseChild, ClickHouseEvents]]:
    child = ClickHouseChild(folder, threads=2, memory=1024**3, spare=spare, backoff=Backoff(0.01, 0.05))
    await child.start()
    events = ClickHouseEvents(child, database)
    try:
        await events.open()
        yield child, events
    finally:
        await events.close()
        await child.stop()


def kill(child: ClickHouseChild) -> None:
    if child.pid:
        with suppress(ProcessLookupError):
            os.kill(child.pid, signal.SIGKILL)


async def send(child: ClickHouseChild, events: ClickHouseEvents, batch: Batch) -> int:
    """Send a batch until it is taken, as the flush does; return how often it had to be tried."""
    tries = 0
    async with asyncio.timeout(30):
        while True:
            tries += 1
            try:
                await events.insert(batch)
            except EventsUnavailableError:
                await child.wait_ready(10)
                await asyncio.sleep(0.01)
            else:
                return tries


def batches(count: int, partitions: int = 3) -> Sequence[Batch]:
    """Batches of so many partitions each."""
    firsts = range(1, count * ROWS, ROWS)
    return [
        batch_of(event_row(seq, time=START + seq % partitions * WEEK) for seq in range(first, first + ROWS))
        for first in firsts
    ]


async def test_a_child_killed_during_inserts_loses_and_doubles_nothing(folder: Path) -> None:
    async with running(folder, "site_crash") as (child, events):
        dice = random.Random(11)
        tried = 0
        sent = batches(KILLS)
        for batch in sent:
            sending = asyncio.create_task(send(child, events, batch))
            await asyncio.sleep(dice.uniform(0.0, 0.12))
            kill(child)
            tried += await sending
        # Some of the deaths must have hit an insert, or this test says nothing.
        assert tried > len(sent)
        total = ROWS * KILLS
        # The last death may come after the last batch was taken: sending it again waits for the child.
        await send(child, events, sent[-1])
        assert await events.query("SELECT count(), countDistinct(seq), max(seq) FROM events", {}) == [(total,) * 3]


async def parts_of(events: ClickHouseEvents) -> list[Path]:
    found = await events.query(
        "SELECT path FROM system.parts WHERE database = 'site_window' AND table = 'events' AND active ORDER BY path",
        {},
    )
    return [Path(path) for (path,) in found]


async def test_a_death_between_token_and_part_loses_nothing(folder: Path) -> None:
    """ClickHouse writes the token before it renames the part: what a death in between leaves is made by hand."""
    async with running(folder, "site_window") as (child, events):
        [before, cut] = batches(2)
        await events.insert(before)
        await events.query("SELECT 1", {})
        old = set(await parts_of(events))
        await events.insert(cut)
        new = [part for part in await parts_of(events) if part not in old]
        assert len(new) == 3
        kill(child)
        for part in new[:2]:
            shutil.rmtree(part)
        for _ in range(3):
            await send(child, events, cut)
        await send(child, events, before)
        assert await events.query("SELECT count(), countDistinct(seq) FROM events", {}) == [(2 * ROWS, 2 * ROWS)]


async def test_a_cancelled_insert_and_its_retry_count_once(folder: Path) -> None:
    async with running(folder, "site_cancel") as (child, events):
        dice = random.Random(5)
        rows = 0
        for batch in batches(6, partitions=10):
            sending = asyncio.create_task(events.insert(batch))
            await asyncio.sleep(dice.uniform(0.0, 0.2))
            sending.cancel()
            await asyncio.wait([sending])
            # The first may still be running in the child: taken means that the rows are there, not on their way.
            await send(child, events, batch)
            rows += batch.rows
            assert await events.query("SELECT count(), countDistinct(seq) FROM events", {}) == [(rows, rows)]


async def test_a_disk_that_takes_no_more_is_said_and_nothing_is_lost(folder: Path) -> None:
    small, large = batches(2)
    async with running(folder, "site_full") as (_, events):
        await events.insert(small)
    # As full as a disk can be: more must stay free than there is.
    async with running(folder, "site_full", spare=10**15) as (child, events):
        for _ in range(2):
            with pytest.raises(EventsUnavailableError, match="not enough space"):
                await events.insert(large)
        assert await events.query("SELECT count() FROM events", {}) == [(ROWS,)]
        assert child.restarts == 0
    async with running(folder, "site_full") as (_, events):
        await events.insert(large)
        assert await events.query("SELECT count(), countDistinct(seq) FROM events", {}) == [(2 * ROWS, 2 * ROWS)]
