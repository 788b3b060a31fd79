"""The log made again: what backup and journal have between them comes back, each event once, and the rest is said."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from lenticular.app.backup import backup
from lenticular.app.backup_folder import backup_at
from lenticular.app.doctor import examine, repair
from lenticular.app.open import Installation
from lenticular.app.replay import Lost, Replayed, replay_all
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError
from tests.app.saved_world import KEY, Busy, check_whole, opened_shop

ROWS = {
    "events": "SELECT * EXCEPT (properties, context), toString(properties) FROM events ORDER BY seq",
    "profiles": "SELECT * EXCEPT (traits), toString(traits) FROM profiles FINAL WHERE gone = 0 ORDER BY profile_id",
    "merges": "SELECT loser, survivor FROM merges FINAL ORDER BY loser",
    "sessions": "SELECT profile_id, session_id, start, last, number FROM sessions FINAL ORDER BY ALL",
}


async def log_of(site: LiveSite, *tables: str) -> dict[str, Any]:
    await site.settle()
    return {table: await site.stores.events.query(ROWS[table], {}) for table in tables or ROWS}


async def once(opened: Installation, saved: Path | None) -> Replayed:
    """Replay twice: the second time changes nothing."""
    [first] = await replay_all(opened, saved)
    [again] = await replay_all(opened, saved)
    assert (again.from_backup, again.exact, again.lost) == (0, first.exact, first.lost)
    assert not list(opened.folder.path.glob("replay-*"))
    assert (
        await opened.sites[KEY].stores.events.query("SELECT name FROM system.databases WHERE name LIKE 'rep%'", {})
        == []
    )
    return first


async def test_a_deleted_events_folder_comes_back_row_for_row(tmp_path: Path) -> None:
    data, saved = tmp_path / "data", tmp_path / "saved"
    async with opened_shop(data) as (opened, site):
        busy = Busy(site)
        await busy.some(300)
        await site.settle()
        await busy.some(100)
        made = await backup(opened, saved)
        await busy.some(200)
        before = await log_of(site)
        await busy.some(50)  # perhaps in the outbox, perhaps not folded: on their way, as ever
    shutil.rmtree(data / "clickhouse")
    async with opened_shop(data) as (opened, site):
        busy = Busy(site, busy.accepted)
        doing = asyncio.create_task(once(opened, Path(made.path)))
        while not doing.done():
            await busy.some(5)
            await asyncio.sleep(0.01)
        back = await doing
        assert back.exact and back.lost is None and 300 <= back.from_backup <= 400
        assert {table: rows[: len(before[table])] for table, rows in (await log_of(site, "events")).items()} == {
            "events": before["events"]
        }
        assert await check_whole(site, tmp_path) == busy.accepted


async def test_a_backup_in_one_file_is_as_good_as_a_folder(tmp_path: Path) -> None:
    """Even where the journal begins behind it; the doctor finds it by itself, and has it repair the log."""
    data, saved = tmp_path / "data", tmp_path / "saved.tar"
    async with opened_shop(data) as (opened, site):
        await Busy(site).some(300)
        await site.settle()
        await backup(opened, saved)
        await Busy(site, 300).some(100)
        await site.settle()
        site.stores.journal.forget(200, 10**6)
        before = await log_of(site)
        assert [each.level for each in await examine(opened) if each.code.startswith("backup")] == ["ok"]
    shutil.rmtree(data / "clickhouse")
    cut = tmp_path / "cut.tar"
    cut.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    async with opened_shop(data) as (opened, site):
        with pytest.raises(LenticularError) as refused:
            await replay_all(opened, cut)
        assert {each.code for each in refused.value.problems} <= {"backup.archive", "backup.unfinished"}
        back = await once(opened, backup_at(saved))
        assert back == Replayed(KEY, 300, 100, True, None)
        assert await log_of(site) == before
        await site.stores.parts.command("ALTER TABLE events DELETE WHERE seq > 250 SETTINGS mutations_sync = 2")
        done = {each.code: each.done for each in await repair(opened) if each.done}
        assert done == {"log.missing": "50 events came from the backup, 100 of the journal are there."}
        assert await log_of(site) == before


async def test_a_journal_that_reaches_to_the_beginning_is_enough(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (_, site):
        await Busy(site).some(400)
        before = await log_of(site)
    shutil.rmtree(tmp_path / "data" / "clickhouse")
    async with opened_shop(tmp_path / "data") as (opened, site):
        assert await once(opened, None) == Replayed(KEY, 0, 400, True, None)
        assert await log_of(site) == before


async def test_what_neither_has_is_said_and_the_rest_belongs_to_the_right_people(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with opened_shop(data) as (_, site):
        await Busy(site).some(300)
        await site.settle()
        site.stores.journal.forget(300, 10**6)
        await Busy(site, 300).some(100)
        before = await log_of(site)
        first = site.stores.journal.read(300, 1)[0][1].received
    shutil.rmtree(data / "clickhouse")
    async with opened_shop(data) as (opened, site):
        back = await once(opened, None)
        assert back == Replayed(KEY, 0, 100, False, Lost(1, 300, None, first))
        after = await log_of(site)
        assert [(row[0], *row[2:]) for row in after["profiles"]] == [(row[0], *row[2:]) for row in before["profiles"]]
        assert after["merges"] == before["merges"]
        survivors = dict(before["merges"])
        told = [row for row in before["events"] if row[0] > 300]
        assert [row[0] for row in after["events"]] == [row[0] for row in told]
        owners = [survivors.get(row[3], row[3]) for row in told]
        assert [survivors.get(row[3], row[3]) for row in after["events"]] == owners
