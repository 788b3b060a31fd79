"""The events store out of memory for real: killed by the kernel, or refused what it asks for; all else goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lenticular.app.open import Installation, installation
from lenticular.app.publish import publish
from lenticular.app.site import LiveSite
from lenticular.errors import EventsUnavailableError, LenticularError
from lenticular.settings import Settings
from lenticular.stores.clickhouse.backoff import Backoff
from lenticular.web.now import new_id, now
from tests.app.saved_world import CATALOG, Busy, check_whole
from tests.faults.memory import group, no_more_addresses, resident
from tests.faults.test_bad_days import DECIDED, asked, decided, until

MUCH = 64 << 30
"""Bytes that the events store believes it may have: it finds out otherwise."""
HEAVY = "SELECT length(groupArray(number)) FROM numbers(4000000000)"
ROOM = 200 << 20


@asynccontextmanager
async def shop(data: Path) -> AsyncIterator[tuple[Installation, LiveSite]]:
    async with installation(data, now, new_id, create=True, settings=Settings(events_memory=MUCH)) as opened:
        site = await opened.ensure(CATALOG.site)
        await publish(site, CATALOG)
        opened.child._backoff = Backoff(0.05, 0.5)
        yield opened, site


def pid_of(opened: Installation) -> int:
    pid = opened.child.pid
    assert pid is not None
    return pid


async def test_the_kernel_kills_it(tmp_path: Path) -> None:
    async with shop(tmp_path / "data") as (opened, site), asked(opened) as http:
        busy, pid, life = Busy(site), pid_of(opened), opened.child.incarnation
        await busy.some(100)
        await site.settle()
        with group(pid, resident(pid) + ROOM):
            async with busy.on():
                with pytest.raises(EventsUnavailableError, match=r"does not answer|not running"):
                    await site.stores.events.query(HEAVY, {})
                assert await decided(http) == DECIDED

        async def back() -> bool:
            return opened.child.ready and opened.child.incarnation != life

        await until(back)
        assert opened.child.restarts >= 1
        assert await check_whole(site, tmp_path) > 100
        assert site.stores.profiles.quarantined_count() == 0


async def test_it_gets_no_more_memory(tmp_path: Path) -> None:
    """A question is refused and says so; rows that can't be taken now are no bad rows, and wait."""
    async with shop(tmp_path / "data") as (opened, site), asked(opened) as http:
        busy = Busy(site)
        await busy.some(100)
        await site.settle()
        with no_more_addresses(pid_of(opened)):
            async with busy.on():
                with pytest.raises(LenticularError, match=r"needs more memory than there is|does not answer"):
                    await site.stores.events.query(HEAVY, {})
                assert await decided(http) == DECIDED
        assert await check_whole(site, tmp_path) > 100
        assert site.stores.profiles.quarantined_count() == 0


async def test_the_kernel_takes_it_first(tmp_path: Path) -> None:
    """When the machine has no memory left, the process to go is the one that loses nothing."""
    async with shop(tmp_path / "data") as (opened, _):
        score = int(Path(f"/proc/{pid_of(opened)}/oom_score_adj").read_text())
        assert score == 500 > int(Path("/proc/self/oom_score_adj").read_text())
