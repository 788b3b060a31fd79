"""Pictures in a data folder: saved, restored, looked after; whatever dies meanwhile, nothing is there by half."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from lenticular.app.backup import backup
from lenticular.app.doctor import examine, repair
from lenticular.app.open import Installation
from lenticular.app.pictures.pictures import Incoming
from lenticular.app.restore import Plan, restore
from lenticular.catalog.author import ADMIN
from lenticular.catalog.picture import KeptPicture
from lenticular.errors import StoreError
from lenticular.settings import Settings
from lenticular.stores.files.pictures import PictureFiles
from lenticular.web.now import new_id, now
from tests.app.saved_world import KEY, opened_shop
from tests.app.test_doctor import codes
from tests.stores.codecs import made

PHOTO, SMALL = made.photo(700, 500), made.see_through()


async def take(opened: Installation, data: bytes, name: str) -> KeptPicture:
    return await opened.pictures.take(KEY, Incoming(data, ADMIN, name))


def files_of(data: Path) -> dict[str, bytes]:
    home = data / "pictures"
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@asynccontextmanager
async def ready(data: Path) -> AsyncIterator[tuple[Installation, list[KeptPicture]]]:
    """A folder with two pictures that have their variants."""
    async with opened_shop(data) as (opened, _):
        kept = [await take(opened, PHOTO, "Photo"), await take(opened, SMALL, "Small")]
        async with asyncio.timeout(120):
            while any(row.made == 0 for row in opened.pictures.store.every()):
                await asyncio.sleep(0.05)
        yield opened, kept


async def test_pictures_come_back_from_a_backup(tmp_path: Path) -> None:
    async with ready(tmp_path / "data") as (opened, kept):
        saved = await backup(opened, tmp_path / "saved")
        rows, before = opened.pictures.store.every(), files_of(tmp_path / "data")
    assert len(before) == 2 + 2 + 2 * 2 + 2 * 2  # originals, fallbacks, and two widths of each in two formats
    await restore(Plan(Path(saved.path), tmp_path / "back"), Settings(), now, new_id)
    assert files_of(tmp_path / "back") == before
    async with opened_shop(tmp_path / "back") as (opened, _):
        assert opened.pictures.store.every() == rows and opened.pictures.has(KEY, kept[0].hash)
        assert codes(await examine(opened)) == []


async def test_what_is_removed_while_a_backup_is_taken_is_whole_in_it(tmp_path: Path) -> None:
    async with ready(tmp_path / "data") as (opened, [photo, small]):
        async with opened.pictures.saving():
            await opened.pictures.forget(KEY, photo.hash)
            assert not opened.pictures.fallback(photo.hash)  # nobody is shown it any more
            assert opened.pictures.files.find(photo.hash, "original") is not None
        assert list(opened.pictures.files.names()) == [small.hash]


async def test_the_doctor_finds_and_mends(tmp_path: Path) -> None:
    async with ready(tmp_path / "data") as (opened, [photo, small]):
        home = opened.pictures.files.folder
        whole = files_of(tmp_path / "data")
        (home / photo.hash[:2] / photo.hash / "original").write_bytes(b"torn")
        for name in ("fallback.png", "320.avif"):
            (home / small.hash[:2] / small.hash / name).unlink()
        lost = "ab" * 16
        shutil.copytree(home / small.hash[:2] / small.hash, home / "ab" / lost)
        found = await examine(opened)
        assert codes(found) == ["pictures.damaged", "pictures.variants"]
        assert [one.code for one in found if one.level == "warning" and one.code.startswith("pictures")] == [
            "pictures.unnamed"
        ]
        assert "Photo" in next(one.message for one in found if one.code == "pictures.damaged")
        mended = await repair(opened)
        assert codes(mended) == ["pictures.damaged"]
        assert {one.code for one in mended if one.done} == {"pictures.variants", "pictures.unnamed"}
        assert [path.name for path in (tmp_path / "data").glob("pictures.unnamed-*/*")] == [lost]
        await take(opened, PHOTO, "Photo")
        assert codes(await examine(opened)) == []
        assert {name: size for name, size in files_of(tmp_path / "data").items() if name in whole} == whole


async def test_what_a_killed_process_left_goes_at_the_next_start(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (opened, _):
        work = opened.pictures.files.begin()
        (work / "original").write_bytes(b"half")
    assert work.exists()
    async with opened_shop(tmp_path / "data") as (opened, _):
        assert not work.exists() and opened.pictures.store.every() == []


async def test_a_refused_picture_leaves_nothing(tmp_path: Path) -> None:
    async with opened_shop(tmp_path / "data") as (opened, _):
        for data in (b"none", made.png_of(100_000, 100_000), PHOTO[:500]):
            with pytest.raises(Exception, match=r"picture|pixels"):
                await take(opened, data, "Bad")
        assert files_of(tmp_path / "data") == {} and not list((tmp_path / "data" / "pictures").iterdir())


async def test_a_disk_that_is_full_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is refused for now (503), what is there stays, and nothing is left of the new one."""

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with ready(tmp_path / "data") as (opened, _):
        before = files_of(tmp_path / "data")
        with monkeypatch.context() as patched, pytest.raises(StoreError) as caught:
            patched.setattr("lenticular.stores.files.pictures.os.fsync", full)
            await take(opened, made.drawing(), "New")
        assert "No space left" in caught.value.problems[0].message and files_of(tmp_path / "data") == before


async def test_a_folder_that_cannot_be_written_to_shows_its_pictures(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root writes everywhere")
    files = PictureFiles(tmp_path)
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="can't be kept"):
        files.begin()
