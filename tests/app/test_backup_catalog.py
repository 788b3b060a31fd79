"""The catalog in a backup: in it as of one moment, of earlier versions too, or elsewhere, and then that is said."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec
import pytest

from lenticular.app.backup import Backup, backup
from lenticular.app.doctor import examine
from lenticular.app.drafts import ANY, NewDraft, drafts, save_draft
from lenticular.app.manifest import Manifest, read_manifest, saved, write_manifest
from lenticular.app.open import Installation, installation
from lenticular.app.publish import publish
from lenticular.app.publishing import DraftRef, publish_drafts
from lenticular.app.restore import Plan, restore
from lenticular.app.site import LiveSite
from lenticular.catalog.author import ADMIN
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.segment import Segment
from lenticular.errors import LenticularError
from lenticular.profiles.event import Event
from lenticular.profiles.fold import register
from lenticular.settings import Settings
from lenticular.web.now import new_id, now
from tests.app.saved_world import CATALOG, KEY, Busy, check_whole, opened_shop
from tests.app.test_open import earlier
from tests.faults import disk
from tests.postgres import DATABASES, schema


def variant(number: int) -> Catalog:
    """Each counts something that no other does, and reads a trait that an event has brought just before."""
    rules = {"keen": f'count("Ping", n > {number % 5}) >= {number}', "newest": f"user.t{number} > 1"}
    segments = {key: Segment(key, rule=rule) for key, rule in rules.items()}
    return msgspec.structs.replace(CATALOG, segments=segments)


async def bring(site: LiveSite, number: int) -> None:
    """Accept an event with a trait that nobody had, as the door does."""
    moment = now()
    event = Event("identify", f"t{number}", moment, moment, "a1", "u1", traits={f"n_t{number}": 1.0})
    register(event, site.collector.types)
    await site.accept([event])


async def test_publications_beside_a_backup_are_in_it_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    """They change what is counted, and read what an event has just brought: every backup opens all the same."""
    other = msgspec.structs.replace(CATALOG.site, key="other", write_key="o")
    revisions = {CATALOG.revision}
    made: list[Backup] = []
    async with opened_shop(tmp_path / "data") as (opened, site):
        await opened.ensure(other)
        await Busy(site).some(120)
        await site.settle()

        async def edit() -> None:
            for number in range(1, 100):
                await bring(site, number)
                wanted = variant(number)
                revisions.add(wanted.revision)
                await publish(site, wanted)
                if len(made) == 3:
                    return

        editing = asyncio.create_task(edit())
        for _ in range(3):
            made.append(await backup(opened, tmp_path / "saved"))
        await editing
    for at, each in enumerate(made):
        target = tmp_path / f"back{at}"
        back = await restore(Plan(Path(each.path), target), Settings(), now, new_id)
        assert back.empty == []
        async with opened_shop(target) as (opened, site):
            assert sorted(opened.sites) == ["other", KEY]
            assert site.engine.catalog.revision in revisions
            (tmp_path / f"fresh{at}").mkdir()
            assert await check_whole(site, tmp_path / f"fresh{at}") >= 120


async def test_drafts_and_what_is_planned_are_in_it_and_a_restore_publishes_nothing(tmp_path: Path) -> None:
    body = {"name": "Keen", "rule": 'count("Ping") >= 1'}
    async with opened_shop(tmp_path / "data") as (opened, site):
        await save_draft(site, ("segments", "new"), NewDraft(body), 0, ADMIN)
        await publish_drafts(site, [DraftRef("segments", "new")], ADMIN, at=now() + 1)
        await save_draft(site, ("segments", "keen"), NewDraft(body), ANY, ADMIN)
        made = await backup(opened, tmp_path / "one.tar")
    assert made.catalog == "file"
    await restore(Plan(tmp_path / "one.tar", tmp_path / "back"), Settings(), now, new_id)
    async with installation(tmp_path / "back", now, new_id, by_itself=False) as opened:
        site = opened.site(KEY)
        assert {one.key for one in await drafts(site)} >= {"keen"}
        assert "new" not in site.engine.catalog.segments, "published while it was restored"
        opened.jobs.by_itself = True
        await opened.jobs.work_off()
        assert "new" in site.engine.catalog.segments


async def test_a_backup_of_an_earlier_version_is_taken_over(tmp_path: Path) -> None:
    """Format 1 has the published catalogs of each site in the site's folder, and no catalog of the installation."""
    async with opened_shop(tmp_path / "data") as (opened, site):
        await Busy(site).some(50)
        made = Path((await backup(opened, tmp_path / "saved")).path)
    old = read_manifest(made)
    (made / "catalog.db").unlink()
    path = f"sites/{KEY}/catalog.db"
    earlier(made / "sites" / KEY, CATALOG)
    files = [*(each for each in old.files if each.path != "catalog.db"), saved(made / path, path)]
    fields = msgspec.to_builtins(msgspec.structs.replace(old, format=1, files=files))
    del fields["catalog"]
    (made / "manifest.json").write_bytes(msgspec.json.encode(fields))
    back = await restore(Plan(made, tmp_path / "back"), Settings(), now, new_id)
    assert (back.sites[0].position, back.empty) == (50, [])
    async with opened_shop(tmp_path / "back") as (_, site):
        assert site.engine.catalog.revision == CATALOG.revision
        assert await check_whole(site, tmp_path) == 50


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_catalog_elsewhere_is_said_to_be_missing(tmp_path: Path, kind: str) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(schema()) if kind == "postgres" else f"sqlite:///{tmp_path / 'elsewhere.db'}"
        settings = Settings(database=url)
        async with installation(tmp_path / "data", now, new_id, create=True, settings=settings) as opened:
            site = await opened.ensure(CATALOG.site)
            await publish(site, CATALOG)
            await Busy(site).some(30)
            made = await backup(opened, tmp_path / "saved")
            told = [each for each in await examine(opened) if each.code == "catalog"]
            assert "own tools" in told[0].message
        assert made.catalog == "elsewhere"
        assert not [each for each in read_manifest(Path(made.path)).files if each.path.endswith("catalog.db")]
        plan = Plan(Path(made.path), tmp_path / "back")
        assert await refused(plan, Settings()) == "restore.catalog"
        back = await restore(plan, settings, now, new_id)
        assert back.sites[0].position == 30
        async with installation(tmp_path / "back", now, new_id, settings=settings) as opened:
            assert await check_whole(opened.site(KEY), tmp_path) == 30


async def refused(plan: Plan, settings: Settings) -> str:
    with pytest.raises(LenticularError) as caught:
        await restore(plan, settings, now, new_id)
    assert not plan.data.exists()
    return caught.value.problems[0].code


async def test_a_backup_with_a_catalog_is_not_restored_beside_another(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (opened, _):
        made = await backup(opened, tmp_path / "saved")
    settings = Settings(database=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert await refused(Plan(Path(made.path), tmp_path / "back"), settings) == "restore.catalog"


async def test_a_site_that_was_closed_is_named_and_begins_anew(tmp_path: Path) -> None:
    """The catalog has it, the backup has no data of it."""
    async with opened_shop(tmp_path / "data") as (opened, _):
        await opened.ensure(msgspec.structs.replace(CATALOG.site, key="other", write_key="o"))
    disk.spoil(tmp_path / "data" / "sites" / "other" / "profiles.db")
    async with opened_shop(tmp_path / "data") as (opened, _):
        made = await backup(opened, tmp_path / "saved")
        assert made.missing == ["other"]
    back = await restore(Plan(Path(made.path), tmp_path / "back"), Settings(), now, new_id)
    assert back.empty == ["other"]


def opening(data: Path) -> LenticularError:
    async def attempt() -> Installation:
        async with installation(data, now, new_id) as opened:
            return opened

    with pytest.raises(LenticularError) as caught:
        asyncio.run(attempt())
    return caught.value


def test_a_database_that_knows_no_site_is_refused_at_the_start(tmp_path: Path) -> None:
    async def make() -> None:
        async with opened_shop(tmp_path):
            pass

    asyncio.run(make())
    for path in tmp_path.glob("catalog.db*"):
        path.unlink()
    assert opening(tmp_path).problems[0].code == "site.empty"
    with closing(sqlite3.connect(tmp_path / "catalog.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sites").fetchone() == (0,), "nothing was made up"


def test_a_manifest_that_says_nothing_of_the_catalog_is_of_format_1(tmp_path: Path) -> None:
    write_manifest(tmp_path, Manifest(1, "0.1", 0, [], []))
    assert read_manifest(tmp_path).catalog == "sites"
