"""The doctor finds what was broken, mends it, and finds nothing to do the second time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from lenticular.app.backup import backup
from lenticular.app.doctor import examine, repair
from lenticular.app.finding import Finding
from lenticular.app.site import LiveSite
from lenticular.ports import Batch
from tests.app.saved_world import KEY, Busy, check_whole, opened_shop
from tests.faults import disk
from tests.process import process

EVENTS = 300
Fault = Callable[[LiveSite], Awaitable[None]]


def profiles_of(site: LiveSite) -> sqlite3.Connection:
    return sqlite3.connect(site.stores.folder / "profiles.db", isolation_level=None)


async def identities_gone(site: LiveSite) -> None:
    with profiles_of(site) as connection:
        connection.execute("DELETE FROM identities WHERE value IN ('a1', 'u2')")
        connection.execute("INSERT INTO identities VALUES ('user', 'nobody', 9999)")
        connection.execute("UPDATE meta SET value = 3 WHERE key = 'next_id'")


async def rows_gone(site: LiveSite) -> None:
    await site.stores.parts.command("ALTER TABLE events DELETE WHERE seq BETWEEN 40 AND 90 SETTINGS mutations_sync = 2")


async def rows_doubled(site: LiveSite) -> None:
    names = "seq, time, tie, profile_id, name, type, session_id, day, minute, received, message_id, properties, context"
    await site.stores.parts.command(
        f"INSERT INTO events ({names}) SELECT {names} FROM events WHERE seq BETWEEN 10 AND 14",
        {"insert_deduplicate": "0"},
    )


async def part_changed(site: LiveSite) -> None:
    rows = await site.stores.parts.ask(
        "SELECT path FROM system.parts WHERE table = 'events' AND active AND rows > 50 LIMIT 1", {}
    )
    path = Path(rows[0][0]) / "data.bin"
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 255
    path.write_bytes(body)


def codes(findings: list[Finding], level: str = "wrong") -> list[str]:
    return [each.code for each in findings if each.level == level]


async def test_faults_are_found_and_mended(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (opened, site):
        await Busy(site).some(EVENTS // 2)
        await backup(opened, tmp_path / "saved")
        await Busy(site, EVENTS // 2).some(EVENTS // 2)
        await site.settle()
        well = await examine(opened)
        assert codes(well) == codes(well, "warning") == []
        faults: list[tuple[Fault, str]] = [
            (identities_gone, "profiles.identities"),
            (rows_gone, "log.missing"),
            (rows_doubled, "log.doubled"),
            (part_changed, "log.broken"),
        ]
        for number, (fault, code) in enumerate(faults):
            await fault(site)
            assert codes(await examine(opened)) == [code]
            mended = await repair(opened)
            assert codes(mended) == [], mended
            assert [each.code for each in mended if each.done] == [code]
            again = await repair(opened)
            assert codes(again) == [] and not any(each.done for each in again)
            folder = tmp_path / f"fresh{number}"
            folder.mkdir()
            assert await check_whole(site, folder) == EVENTS


async def test_what_can_t_be_mended_is_said_each_time(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (opened, site):
        await Busy(site).some(20)
        await site.settle()
        site.stores.profiles.quarantine(Batch("events", 1, 1, 1, b"{}", "/0-0"), "does not fit")
        opened.child.restarts = 5
        opened.clock = lambda: 0
        for found in (await examine(opened), await repair(opened)):
            assert codes(found) == ["quarantine"]
            assert codes(found, "warning") == ["events.restarts", "backup.none", "clock.back"]


def test_files_that_are_torn_are_named(tmp_path: Path) -> None:
    from lenticular.app.check_folder import offline

    async def make() -> None:
        async with opened_shop(tmp_path / "data") as (_, site):
            await Busy(site).some(2000)
            await site.settle()

    asyncio.run(make())
    folder = tmp_path / "data" / "sites" / KEY
    assert codes(offline(tmp_path / "data")) == []
    body = (folder / "profiles.db").read_bytes()
    (folder / "profiles.db").write_bytes(body[: len(body) // 2])
    (folder / "journal.db").write_bytes(b"x" * 5000)
    found = offline(tmp_path / "data")
    assert codes(found) == ["file.damaged", "file.damaged"]
    assert [each.message.split()[0] for each in found if each.level == "wrong"] == ["profiles.db", "journal.db"]
    disk.spoil(tmp_path / "data" / "catalog.db")
    found = [each for each in offline(tmp_path / "data") if each.level == "wrong"]
    assert codes(found) == ["catalog.damaged", "file.damaged", "file.damaged"]
    assert all("restore BACKUP --force --journal" in each.hint for each in found)


async def test_files_that_another_process_has_open_are_not_torn(tmp_path: Path) -> None:
    """A server that has not said yet where it answers, say."""
    async with opened_shop(tmp_path / "data"):
        said = await asyncio.to_thread(process, "doctor", data=tmp_path / "data")
    assert said.returncode == 1 and "another process holds it" in said.stdout
    assert "damaged" not in said.stdout and "Traceback" not in said.stderr


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_the_exit_code_says_whether_something_is_wrong(tmp_path: Path, form: tuple[str, ...]) -> None:
    from tests.process import lenticular

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "server.json").write_text("{}")
    ran = lenticular("doctor", *form, data=tmp_path / "data")
    assert ran.returncode == 0, ran.stdout
    assert "the one before was killed" in ran.stdout
    assert (tmp_path / "data" / "server.json").exists()
    assert lenticular("doctor", "--repair", *form, data=tmp_path / "data").returncode == 0
    assert not (tmp_path / "data" / "server.json").exists()
