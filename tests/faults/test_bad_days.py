"""Bad days: decisions go on where they can, it is said what is wrong, and nothing that was accepted is lost."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from lenticular.app.backup import backup
from lenticular.app.check_folder import offline
from lenticular.app.doctor import examine, repair
from lenticular.app.open import Installation, installation
from lenticular.app.publish import publish
from lenticular.app.restore import Plan, restore
from lenticular.app.site import LiveSite
from lenticular.errors import EventsUnavailableError, LenticularError, StoreError
from lenticular.settings import Settings
from lenticular.stores.clickhouse.backoff import Backoff
from lenticular.web.now import new_id, now
from lenticular.web.server import server
from tests.app.saved_world import CATALOG, KEY, Busy, check_whole, opened_shop
from tests.faults import disk
from tests.process import PATIENCE

EVENTS = 120


@asynccontextmanager
async def asked(opened: Installation) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(server(opened, "t"))
    headers = {"authorization": "Bearer t"}
    async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=headers) as http:
        yield http


async def decided(http: httpx.AsyncClient, site: str = KEY) -> int:
    """Ask for a page that does not exist: 404 says that the visitor was looked at and the page was not there."""
    answer = await http.post("/v1/decide", json={"site": site, "page": "/", "anonymousId": "a1"})
    return answer.status_code


DECIDED = 404


async def filled(data: Path, count: int = EVENTS) -> None:
    async with opened_shop(data) as (_, site):
        await Busy(site).some(count)
        await site.settle()


async def until(condition: Any, *arguments: Any) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await condition(*arguments):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def wrong(opened: Installation) -> list[str]:
    return [each.code for each in await examine(opened) if each.level == "wrong"]


@pytest.mark.parametrize("file", ["profiles.db", "journal.db"])
async def test_a_torn_site_stops_no_other(tmp_path: Path, file: str) -> None:
    data = tmp_path / "data"
    async with opened_shop(data) as (opened, site):
        await Busy(site).some(EVENTS)
        other = msgspec.structs.replace(CATALOG, site=msgspec.structs.replace(CATALOG.site, key="other", write_key="o"))
        await publish(await opened.ensure(other.site), other)
        await site.settle()
    kept = shutil.copyfile(data / "sites" / KEY / file, tmp_path / file)
    disk.spoil(data / "sites" / KEY / file)
    async with installation(data, now, new_id) as opened, asked(opened) as http:
        assert sorted(opened.sites) == ["other"] and sorted(opened.closed) == [KEY]
        ready = await http.get("/health/ready")
        assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
        assert ready.json()["sites"][KEY] == {"ready": False, "troubles": ["The file is not a SQLite database."]}
        assert (await decided(http), await decided(http, "other")) == (503, DECIDED)
        message = {"userId": "u", "event": "Ping"}
        answer = await http.post("/v1/track", json=message, headers={"authorization": "Basic dzo="})
        assert (answer.status_code, answer.json()["code"]) == (503, "site.closed"), "a client would drop its events"
        assert "retry-after" in answer.headers
        answer = await http.post("/v1/track", json=message, headers={"authorization": "Basic bzo="})
        assert answer.status_code == 200
        assert (await http.put(f"/api/sites/{KEY}", json={})).status_code == 503
        assert {"site.closed", "file.damaged"} <= set(await wrong(opened))
        saved = [await backup(opened, tmp_path / "saved", keep=1) for _ in range(2)]
        assert saved[1].missing == [KEY] and saved[1].removed == [], "an older one may be the last of this site"
        shutil.copyfile(kept, data / "sites" / KEY / file)
        assert not [each for each in await repair(opened) if each.level == "wrong"]
        assert await check_whole(opened.site(KEY), tmp_path) == EVENTS


async def test_a_torn_catalog_is_refused_at_the_start_and_restored(tmp_path: Path) -> None:
    """It is of all sites: nothing can be decided without it. With the journal, everything comes back."""
    data = tmp_path / "data"
    async with opened_shop(data) as (opened, site):
        await Busy(site).some(EVENTS)
        await backup(opened, tmp_path / "saved")
        await Busy(site, EVENTS).some(30)
    disk.spoil(data / "catalog.db")
    with pytest.raises(StoreError) as caught:
        async with installation(data, now, new_id):
            pass
    [problem] = caught.value.problems
    assert (problem.code, problem.place, problem.hint) == (
        "catalog.database",
        str(data / "catalog.db"),
        "Restore it from a backup: lenticular restore BACKUP --force --journal DATA --data DATA.",
    )
    assert [each.code for each in offline(data) if each.level == "wrong"] == ["catalog.damaged"]
    plan = Plan(tmp_path / "saved", data, force=True, journal=data)
    await restore(plan, Settings(), now, new_id)
    async with opened_shop(data) as (opened, site):
        assert await check_whole(site, tmp_path) == EVENTS + 30
        assert await wrong(opened) == []


async def test_a_catalog_s_database_that_fails_stops_no_decision(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with opened_shop(data) as (opened, site), asked(opened) as http:
        with closing(sqlite3.connect(data / "catalog.db")) as connection:
            connection.execute("ALTER TABLE publications RENAME TO gone")

            async def told(whole: bool) -> bool:
                answer = (await http.get("/health/ready")).json()
                return bool((answer["catalog"], answer["status"] == "ok") == (whole, whole))

            await until(told, False)
            assert await decided(http) == DECIDED
            await Busy(site).some(20)
            assert "lenticular_catalog_up 0.0" in (await http.get("/metrics")).text
            answer = await http.get(f"/api/sites/{KEY}/publications")
            assert (answer.status_code, answer.json()["problems"][0]["code"]) == (503, "catalog.database")
            assert (await http.put(f"/api/sites/{KEY}/catalog", json=msgspec.to_builtins(CATALOG))).status_code == 503
            connection.execute("ALTER TABLE gone RENAME TO publications")
            await until(told, True)
        assert (await http.put(f"/api/sites/{KEY}/catalog", json=msgspec.to_builtins(CATALOG))).status_code == 200
        assert await check_whole(site, tmp_path) == 20


async def test_a_torn_end_of_the_write_ahead_log_loses_nothing(tmp_path: Path) -> None:
    """What was committed before it is there; the half of a frame behind it is not."""
    data, copy = tmp_path / "data", tmp_path / "copy"
    async with opened_shop(data) as (_, site):
        await Busy(site).some(EVENTS)
        await site.settle()
        shutil.copytree(data, copy, symlinks=True)  # as a power cut leaves it
        for file in ("journal.db", "profiles.db"):
            disk.torn_wal(copy / "sites" / KEY / file)
    async with opened_shop(copy) as (opened, site):
        assert await check_whole(site, tmp_path) == EVENTS
        assert await wrong(opened) == []


async def test_a_full_disk_refuses_events_and_decides(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (opened, site), asked(opened) as http:
        await Busy(site).some(EVENTS)
        await site.settle()
        message = {"userId": "u", "event": "Ping", "writeKey": "w", "properties": {"text": "x" * 9000}}
        with disk.full(site.stores.journal._database, site.stores.profiles._database):
            answer = await http.post("/v1/track", json=message)
            assert (answer.status_code, answer.json()["code"]) == (503, "disk_full")
            assert await decided(http) == DECIDED
            ready = (await http.get("/health/ready")).json()
            assert (ready["status"], len(ready["sites"][KEY]["troubles"])) == ("degraded", 1)
        assert (await http.post("/v1/track", json=message)).status_code == 200
        assert (await http.get("/health/ready")).json()["status"] == "ok"
        await site.collector.drain()
        assert await check_whole(site, tmp_path) == EVENTS + 1


async def test_profiles_that_can_t_be_written_wait_and_lose_nothing(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (opened, site), asked(opened) as http:
        with disk.full(site.stores.profiles._database):
            await Busy(site).some(EVENTS)
            assert await decided(http) == DECIDED
        assert await check_whole(site, tmp_path) >= EVENTS


async def test_an_events_folder_deleted_under_the_server_comes_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with opened_shop(data) as (opened, site), asked(opened) as http:
        opened.child._backoff = Backoff(0.01, 0.05)
        await Busy(site).some(EVENTS)
        await site.settle()
        life = opened.child.incarnation
        disk.delete(data / "clickhouse")
        assert await decided(http) == DECIDED

        async def begun_anew() -> bool:
            return opened.child.ready and opened.child.incarnation != life

        await until(begun_anew)
        await Busy(site, EVENTS).some(30)
        await site.settle()
        with pytest.raises(EventsUnavailableError, match="lacks events"):
            await site.check_log()
        assert await wrong(opened) == ["log.missing"]
        assert not [each for each in await repair(opened) if each.level == "wrong"]
        await site.check_log()
        assert await check_whole(site, tmp_path) >= EVENTS


@pytest.mark.parametrize("harm", [disk.tear, disk.flip])
async def test_a_corrupt_part_is_found_and_filled(tmp_path: Path, harm: Any) -> None:
    data = tmp_path / "data"
    await filled(data)
    harm(disk.largest_part(data / "clickhouse"))
    async with opened_shop(data) as (opened, site), asked(opened) as http:
        assert await decided(http) == DECIDED
        assert set(await wrong(opened)) & {"log.aside", "log.broken"}
        assert not [each for each in await repair(opened) if each.level == "wrong"]
        assert await check_whole(site, tmp_path) >= EVENTS


async def test_a_store_that_can_t_be_opened_stops_no_decision(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await filled(data)
    for path in (data / "clickhouse" / "store" / "metadata").glob("*.sql"):
        path.write_text("this is no SQL")
    async with opened_shop(data) as (opened, site), asked(opened) as http:
        assert not opened.child.ready
        assert await decided(http) == DECIDED
        await Busy(site, EVENTS).some(20)
        ready = await http.get("/health/ready")
        assert (ready.status_code, ready.json()["events"]) == (200, False)
        assert set(await wrong(opened)) == {"events.down", "log.down"}
        assert not [each for each in await repair(opened) if each.level == "wrong"]
        assert await check_whole(site, tmp_path) >= EVENTS
        assert list((data / "clickhouse").glob("store.broken-*"))


async def test_a_clock_that_goes_back_an_hour_changes_nothing_accepted(tmp_path: Path) -> None:
    moment = now()
    async with installation(tmp_path / "data", lambda: moment, new_id, create=True) as opened:
        site: LiveSite = await opened.ensure(CATALOG.site)
        await publish(site, CATALOG)
        await Busy(site).some(EVENTS)
        moment -= 3_600_000
        assert "clock.back" in [each.code for each in await examine(opened) if each.level == "warning"]
        async with asked(opened) as http:
            assert await decided(http) == DECIDED
            answer = await http.post("/v1/track", json={"userId": "u1", "event": "Ping", "writeKey": "w"})
            assert answer.status_code == 200
        await site.settle()
    async with installation(tmp_path / "data", lambda: moment, new_id) as opened:
        site = opened.site(KEY)
        assert await check_whole(site, tmp_path) >= EVENTS
        assert await wrong(opened) == []


async def test_a_question_that_needs_too_much_memory_is_refused_alone(tmp_path: Path) -> None:
    settings = Settings(events_memory=400_000_000)
    async with installation(tmp_path / "data", now, new_id, create=True, settings=settings) as opened:
        site = await opened.ensure(CATALOG.site)
        life = opened.child.incarnation
        with pytest.raises(LenticularError, match="too much memory"):
            await site.stores.events.query("SELECT length(groupArray(number)) FROM numbers(1000000000)", {})
        await Busy(site).some(20)
        assert await check_whole(site, tmp_path) == 20
        assert opened.child.incarnation == life


def test_sqlite_says_full_as_a_full_disk_does(tmp_path: Path) -> None:
    """What stands in for a full disk in these tests is SQLite's own error for one."""
    from lenticular.stores.sqlite.database import Database

    database = Database(tmp_path / "x.db", "CREATE TABLE IF NOT EXISTS t (x BLOB);")
    with disk.full(database), pytest.raises(LenticularError) as caught, database.transaction() as connection:
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert caught.value.problems[0].code == "disk_full"
    cause = caught.value.__cause__
    assert isinstance(cause, sqlite3.Error) and cause.sqlite_errorname == "SQLITE_FULL"
    database.close()
