"""Restore: a backup becomes a data folder that is ready to serve, with what a surviving journal has beyond it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from lenticular.app.archive import is_archive, unpack
from lenticular.app.attach import attach
from lenticular.app.backup_folder import backup_at
from lenticular.app.folder import Folder
from lenticular.app.journal_tail import Tail, take_tail
from lenticular.app.manifest import Manifest, check_files, copied, read_manifest, sync_folder
from lenticular.app.open import installation
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.ports import Clock
from lenticular.settings import Settings


class RestoredSite(msgspec.Struct, frozen=True):
    """A site that is back, with everything accepted up to `position`; `tail` is what came from a journal."""

    key: str
    position: int
    tail: Tail | None


class Restored(msgspec.Struct, frozen=True):
    """What was restored: where to, as of when (ms), which sites, and where the folder lies that was there before.

    `empty` are sites that the catalog knows and the backup has no data of: they begin anew.
    """

    data: str
    at: int
    sites: list[RestoredSite]
    aside: str
    empty: list[str]


class Plan(msgspec.Struct, frozen=True):
    """What to restore where: `force` sets aside a folder that is there, `journal` is a data folder that survived."""

    backup: Path
    data: Path
    force: bool = False
    journal: Path | None = None


async def restore(plan: Plan, settings: Settings, clock: Clock, new_id: Callable[[], str]) -> Restored:
    """Check a backup whole, build the folder beside its place, and put it there. Raises LenticularError.

    Until the last step nothing that is there is touched.
    """
    old = _old_folder(plan)
    building = plan.data.with_name(f"{plan.data.name}.restoring")
    try:
        with _unpacked(plan) as folder:
            manifest = await asyncio.to_thread(read_manifest, folder)
            _refuse_other_catalog(folder, manifest, settings)
            await asyncio.to_thread(check_files, folder, manifest)
            await asyncio.to_thread(_begin, building)
            await asyncio.to_thread(_copy_files, folder, manifest, building)
            await attach(folder, manifest.sites, building, settings)
        tails = await asyncio.to_thread(_tails, plan, manifest, building)
        positions = await _settled(building, settings, clock, new_id)
        aside = await asyncio.to_thread(_put_in_place, plan.data, building, clock())
    except OSError as error:
        hint = "Look at the disk and the rights there. What was there before is as it was."
        raise StoreError(
            Problem("restore.unwritten", f"The folder can't be written: {error.strerror}.", str(building), hint)
        ) from None
    finally:
        await asyncio.to_thread(shutil.rmtree, building, True)
        if old is not None:
            old.release()
    sites = [RestoredSite(each.key, positions[each.key], tails.get(each.key)) for each in manifest.sites]
    empty = sorted(positions.keys() - {each.key for each in manifest.sites})
    return Restored(str(plan.data), manifest.at, sites, aside, empty)


def _old_folder(plan: Plan) -> Folder | None:
    """Own what is at the place, so that no server runs on it. Raises LenticularError if it may not be set aside."""
    if not plan.data.exists():
        return None
    empty = plan.data.is_dir() and not {path.name for path in plan.data.iterdir()} - {"lock"}
    if not empty and not plan.force:
        hint = "Name an empty or new one with --data, or say --force: the old one is set aside, not deleted."
        raise LenticularError(Problem("restore.target", "The data folder is not empty.", str(plan.data), hint))
    return Folder(plan.data)


@contextmanager
def _unpacked(plan: Plan) -> Iterator[Path]:
    """Yield the folder of a backup; an archive is unpacked beside the place for as long."""
    if not is_archive(plan.backup):
        yield backup_at(plan.backup)
        return
    folder = plan.data.with_name(f"{plan.data.name}.unpacked")
    folder.mkdir(parents=True)
    try:
        unpack(plan.backup, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_other_catalog(folder: Path, manifest: Manifest, settings: Settings) -> None:
    """Refuse a setting under which the catalog would be another one than the backup's."""
    if manifest.catalog == "elsewhere" and settings.database == "sqlite":
        message = "The catalog of this backup is in a database of its own, not in the backup."
        hint = "Restore that database with its own tools, and name it with LENTICULAR_DATABASE."
    elif manifest.catalog == "file" and settings.database != "sqlite":
        message = "The catalog of this backup is a file in it, and LENTICULAR_DATABASE names another database."
        hint = "Unset LENTICULAR_DATABASE."
    else:
        return
    raise LenticularError(Problem("restore.catalog", message, str(folder), hint))


def _begin(building: Path) -> None:
    shutil.rmtree(building, ignore_errors=True)  # of a restore that was cut off
    (building / "sites").mkdir(parents=True)


def _copy_files(folder: Path, manifest: Manifest, building: Path) -> None:
    events = tuple(f"sites/{site.key}/events/" for site in manifest.sites)
    for file in manifest.files:
        if not file.path.startswith(events):  # these are attached
            copied(folder / file.path, building / file.path, file.path)


def _tails(plan: Plan, manifest: Manifest, building: Path) -> dict[str, Tail]:
    if plan.journal is None:
        return {}
    surviving = plan.journal / "sites"
    if not surviving.is_dir():
        hint = "Name the data folder that the backup was taken of."
        raise LenticularError(Problem("journal.none", "There is no journal here.", str(plan.journal), hint))
    mine = plan.journal.resolve() == plan.data.resolve()
    folder = None if mine and plan.force else Folder(plan.journal)  # no server may be writing to it
    try:
        return {
            each.key: take_tail(each.key, surviving / each.key, building / "sites" / each.key)
            for each in manifest.sites
        }
    finally:
        if folder is not None:
            folder.release()


async def _settled(building: Path, settings: Settings, clock: Clock, new_id: Callable[[], str]) -> dict[str, int]:
    """Open what was built, as a server would, until everything accepted is in profiles and log; return positions."""
    async with installation(building, clock, new_id, settings=settings, by_itself=False) as opened:
        for error in opened.closed.values():
            raise error
        for site in opened.sites.values():
            await site.settle()
        return {key: site.stores.journal.last() for key, site in opened.sites.items()}


def _put_in_place(data: Path, building: Path, now: int) -> str:
    """Swap the folders; return where the old one is, "" if there was none worth keeping."""
    aside = ""
    if data.exists():
        if {path.name for path in data.iterdir()} - {"lock"}:
            stamp = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y-%m-%dT%H-%M-%SZ")
            aside = str(data.rename(data.with_name(f"{data.name}.before-{stamp}")))
        else:
            shutil.rmtree(data)
    building.rename(data)
    sync_folder(data.parent)
    return aside
