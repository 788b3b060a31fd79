"""Backup and restore: what comes back is what was accepted up to one position, each event once."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from lenticular.app.backup import backup
from lenticular.app.backup_folder import finished, next_name
from lenticular.app.columns import Columns
from lenticular.app.import_part import Beginning
from lenticular.app.imports import begin
from lenticular.app.manifest import MANIFEST, read_manifest
from lenticular.app.restore import Plan, Restored, restore
from lenticular.errors import LenticularError
from lenticular.settings import Settings
from lenticular.web.now import new_id, now
from tests.app.saved_world import KEY, Busy, check_whole, opened_shop
from tests.faults.disk import tear


async def restored(plan: Plan) -> Restored:
    return await restore(plan, Settings(), now, new_id)


async def refused(plan: Plan) -> str:
    with pytest.raises(LenticularError) as caught:
        await restored(plan)
    assert not plan.data.with_name(f"{plan.data.name}.restoring").exists()
    return caught.value.problems[0].code


async def test_a_backup_under_load_is_one_position(tmp_path: Path) -> None:
    """Backups at many moments of the folding and flushing; each becomes a folder that is whole and goes on."""
    data, saved = tmp_path / "data", tmp_path / "saved"
    positions = []
    async with opened_shop(data) as (opened, site):
        busy = Busy(site)
        async with busy.on():
            for _ in range(5):
                before = busy.accepted
                made = await backup(opened, saved, keep=3)
                assert before <= made.positions[KEY] <= site.stores.journal.last()
                positions.append((made.path, made.positions[KEY]))
                await site.settle()
        saved_rows = [read_manifest(Path(path)).sites[0].rows["events"] for path, _ in positions[-3:]]
        assert min(saved_rows) > 0, "nothing was sent before it was saved: this says nothing"
        await busy.some(10)
        await check_whole(site, new_folder(tmp_path / "live"))
        assert not list((data / "clickhouse" / "store" / "shadow").glob("backup*"))
    assert finished(saved) == [Path(path) for path, _ in positions[-3:]]
    path, position = positions[-2]
    target = tmp_path / "restored"
    back = await restored(Plan(Path(path), target))
    assert (back.sites[0].position, back.aside) == (position, "")
    async with opened_shop(target) as (_, site):
        assert await check_whole(site, new_folder(tmp_path / "fresh")) == position
        await Busy(site, position).some(100)
        assert await check_whole(site, new_folder(tmp_path / "later")) == position + 100
    # Everything accepted after the backup is in the journal that survived.
    target = tmp_path / "with-journal"
    back = await restored(Plan(saved, target, journal=data))
    tail = back.sites[0].tail
    assert tail and tail.taken == busy.accepted - positions[-1][1] and not tail.lost and not tail.trouble
    async with opened_shop(target) as (_, site):
        assert await check_whole(site, new_folder(tmp_path / "fresh-tail")) == busy.accepted


async def test_sources_and_how_far_imports_have_come_are_in_a_backup(tmp_path: Path) -> None:
    yaml = "what: people\nfiles: /exports/*.csv\nmapping: {userId: id}\n"
    asked = Beginning("events", "visits.csv", 1_000, "5f1c", Columns())
    async with opened_shop(tmp_path / "data") as (opened, site):
        site.stores.sources.put("crm", yaml)
        note = begin(site, asked)
        made = await backup(opened, tmp_path / "saved")
        site.stores.imports.remove(note.id)
    await restored(Plan(Path(made.path), tmp_path / "back"))
    async with opened_shop(tmp_path / "back") as (_, site):
        assert site.stores.sources.text("crm") == yaml
        assert site.stores.imports.get(note.id) == note


def new_folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `data`, and its backups: in the folder `saved`, and in `one.tar`."""
    folder = tmp_path_factory.mktemp("small")
    asyncio.run(save(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["data", "one.tar", "saved"]
    return folder


async def save(folder: Path) -> None:
    async with opened_shop(folder / "data") as (opened, site):
        await Busy(site).some(30)
        await site.settle()
        await Busy(site, 30).some(20)
        await backup(opened, folder / "saved")
        await backup(opened, folder / "one.tar")
        with pytest.raises(LenticularError, match="There is such a file"):
            await backup(opened, folder / "one.tar")
        with pytest.raises(LenticularError, match="lies in the data folder"):
            await backup(opened, folder / "data" / "saved")
        with pytest.raises(LenticularError, match="not empty"):
            await backup(opened, folder)
        with pytest.raises(LenticularError, match="not absolute"):
            await backup(opened, Path("saved"))


async def test_an_archive_comes_back_over_a_folder_that_is_set_aside(small: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(small / "data", data, symlinks=True)
    assert await refused(Plan(small / "one.tar", data)) == "restore.target"
    back = await restored(Plan(small / "one.tar", data, force=True, journal=data))
    assert back.sites[0].position == 50
    assert (Path(back.aside) / "sites" / KEY / "journal.db").exists()
    async with opened_shop(data) as (_, site):
        assert await check_whole(site, tmp_path) == 50
        assert await refused(Plan(small / "one.tar", data, force=True)) == "data.in-use"
    cut = tmp_path / "cut.tar"
    cut.write_bytes((small / "one.tar").read_bytes()[:20_000])
    assert await refused(Plan(cut, tmp_path / "other")) == "backup.archive"


async def test_a_backup_that_is_not_whole_is_never_restored(small: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    shutil.copytree(small / "saved", saved)
    [one] = [path for path in saved.iterdir() if path.is_dir()]
    part = one.rename(one.with_name(f"{one.name}.part"))
    assert await refused(Plan(saved, tmp_path / "new")) == "backup.none"
    one = part.rename(one)
    manifest = read_manifest(one)
    victim = one / next(file.path for file in manifest.files if file.path.endswith("data.bin"))
    body = victim.read_bytes()
    victim.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    assert await refused(Plan(saved, tmp_path / "new")) == "backup.damaged"
    victim.unlink()
    assert await refused(Plan(saved, tmp_path / "new")) == "backup.damaged"
    (one / MANIFEST).write_text((one / MANIFEST).read_text().replace('"format": 2', '"format": 3'))
    assert await refused(Plan(saved, tmp_path / "new")) == "backup.newer"
    (one / MANIFEST).write_text("{")
    assert await refused(Plan(saved, tmp_path / "new")) == "backup.manifest"
    (one / MANIFEST).unlink()
    assert await refused(Plan(one, tmp_path / "new")) == "backup.none"
    assert not (tmp_path / "new").exists()


async def test_a_journal_of_another_history_is_refused(small: Path, tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "other") as (_, site):
        await Busy(site, 1000).some(70)
    assert await refused(Plan(small / "saved", tmp_path / "new", journal=tmp_path / "other")) == "journal.other"
    assert await refused(Plan(small / "saved", tmp_path / "new", journal=tmp_path)) == "journal.none"


async def test_a_gap_between_backup_and_journal_is_said(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small / "data", tmp_path / "old", symlinks=True)
    async with opened_shop(tmp_path / "old") as (_, site):
        await Busy(site, 50).some(5)
        await site.settle()
        # As if the days up to here had been let go of.
        site.stores.journal.forget(55, 10**6)
        await Busy(site, 55).some(5)
    back = await restored(Plan(small / "saved", tmp_path / "new", journal=tmp_path / "old"))
    tail = back.sites[0].tail
    assert tail and (tail.taken, tail.lost, back.sites[0].position) == (5, (51, 55), 60)
    async with opened_shop(tmp_path / "new") as (_, site):
        assert await check_whole(site, tmp_path) == 55


async def test_of_a_torn_journal_what_can_be_read_is_taken(small: Path, tmp_path: Path) -> None:
    shutil.copytree(small / "data", tmp_path / "old", symlinks=True)
    async with opened_shop(tmp_path / "old") as (_, site):
        for at in range(50, 1050, 100):
            await Busy(site, at).some(100)
    journal = tmp_path / "old" / "sites" / KEY / "journal.db"
    tear(journal)
    torn = journal.read_bytes()
    back = await restored(Plan(small / "saved", tmp_path / "new", journal=tmp_path / "old"))
    tail = back.sites[0].tail
    assert tail and tail.trouble and 0 <= tail.taken < 1000
    assert journal.read_bytes() == torn, "what survived is left as it is"
    async with opened_shop(tmp_path / "new") as (_, site):
        assert await check_whole(site, tmp_path) == 50 + tail.taken


@pytest.mark.parametrize(
    ("there", "at", "name"),
    [
        ((), 0, "1970-01-01T00-00-00.001Z"),
        ((), 1_795_922_258_250, "2026-11-29T03-17-38.250Z"),
        (("2026-11-29T03-17-38.250Z",), 1_795_922_258_250, "2026-11-29T03-17-38.251Z"),
        (("2026-11-29T03-17-38.999Z", "notes", "x.part"), 5, "2026-11-29T03-17-39.000Z"),
        (("2026-11-29T03-17-38.999Z.part",), 5, "2026-11-29T03-17-39.000Z"),
    ],
)
def test_names_are_the_order_of_the_backups(tmp_path: Path, there: tuple[str, ...], at: int, name: str) -> None:
    for each in there:
        (tmp_path / each).mkdir()
    assert next_name(tmp_path, at) == name
