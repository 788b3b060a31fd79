"""Backup: the catalog, and every site at one position of its journal, while all goes on (ADR 0020)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import msgspec

from lenticular.app.archive import ARCHIVE, pack
from lenticular.app.backup_folder import PART, next_name, remember, remove_older, writing_to
from lenticular.app.folder import CATALOG_FILE
from lenticular.app.manifest import (
    FORMAT,
    MANIFEST,
    Manifest,
    SavedFile,
    SavedSite,
    copied,
    saved,
    sync_folder,
    write_manifest,
)
from lenticular.app.open import Installation
from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.stores.clickhouse.parts import Frozen
from lenticular.stores.files.pictures import FOLDER
from lenticular.stores.sqlite.journal import stored_last
from lenticular.stores.sqlite.snapshot import Snapshot

SQLITE_FILES = ("profiles.db", "journal.db")
NOTES = ("imports", "sources")
"""Folders of small files: how far imports have come, sources and how far they are read."""
_PATIENCE = 120.0
"""Seconds until a site's folding and flushing must have come to a stop between two commits."""


class Backup(msgspec.Struct, frozen=True):
    """A finished backup: where it is, when it was taken (ms), its length, its sites' positions, which older ones went.

    `missing` are the sites that are not in it, because they could not be opened; then no older backup goes. `catalog`:
    whether that is in it, as a `file`, or is `elsewhere`, in a database that has its own tools.
    """

    path: str
    at: int
    bytes: int
    positions: dict[str, int]
    removed: list[str]
    missing: list[str]
    catalog: str


async def backup(installation: Installation, target: Path, keep: int = 0) -> Backup:
    """Add a backup to a folder that keeps `keep` of them (0: all), or write a new `.tar`. Raises LenticularError."""
    _refuse_own(installation, target)
    if target.suffix == ARCHIVE:
        return await _to_archive(installation, target)
    with writing_to(target):
        name = next_name(target, installation.clock())
        manifest = await _to_folder(installation, target / name)
        # An older one may hold the only copy of a site that can't be opened now.
        removed = await asyncio.to_thread(remove_older, target, 0 if installation.closed else keep)
    remember(installation.folder.path, target / name)
    return _told(target / name, manifest, [str(path) for path in removed], sorted(installation.closed))


async def _to_archive(installation: Installation, target: Path) -> Backup:
    if target.exists():
        raise LenticularError(Problem("backup.target", "There is such a file.", str(target), "Name another one."))
    folder, unfinished = target.with_suffix(".folder"), target.with_suffix(f"{ARCHIVE}{PART}")
    try:
        manifest = await _to_folder(installation, folder)
        await asyncio.to_thread(pack, folder, unfinished, MANIFEST)
        unfinished.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise _unwritten(target, error) from None
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, True)
        unfinished.unlink(missing_ok=True)
    remember(installation.folder.path, target)
    return _told(target, manifest, [], sorted(installation.closed))


async def _to_folder(installation: Installation, folder: Path) -> Manifest:
    async with installation.pictures.saving():
        return await _saved(installation, folder)


async def _saved(installation: Installation, folder: Path) -> Manifest:
    part = folder.with_name(folder.name + PART)
    at = installation.clock()
    files: list[SavedFile] = []
    sites: list[SavedSite] = []
    try:
        await asyncio.to_thread(part.mkdir, parents=True)
        live = sorted(installation.sites.items())
        # First: profiles that are newer than the catalog are what a server leaves that dies while it publishes.
        files += await asyncio.to_thread(_save_catalog, installation.catalog_file, part)
        where: Literal["file", "elsewhere"] = "file" if files else "elsewhere"
        files += await asyncio.to_thread(_save_pictures, installation.pictures.files.folder, part)
        for _, site in live:
            sites.append(await _save(site, f"backup{installation.new_id()}", part, files))
        manifest = Manifest(FORMAT, version("lenticular"), at, sites, files, where)
        await asyncio.to_thread(write_manifest, part, manifest)
        part.replace(folder)
        sync_folder(folder.parent)
    except OSError as error:
        raise _unwritten(folder, error) from None
    finally:
        await asyncio.to_thread(shutil.rmtree, part, True)
    return manifest


def _save_catalog(file: Path | None, part: Path) -> list[SavedFile]:
    """Copy the catalog of all sites as it is now, if it is a file of ours. Raises StoreError, OSError."""
    if file is None:
        return []
    moment = Snapshot(file)
    try:
        moment.copy(part / CATALOG_FILE)
    finally:
        moment.close()
    return [saved(part / CATALOG_FILE, CATALOG_FILE)]


def _save_pictures(home: Path, part: Path) -> list[SavedFile]:
    """Copy the files of all pictures. Raises OSError."""
    paths = [(path, f"{FOLDER}/{path.relative_to(home)}") for path in sorted(home.glob("[0-9a-f][0-9a-f]/*/*"))]
    return [copied(path, part / name, name) for path, name in paths]


async def _save(site: LiveSite, name: str, part: Path, files: list[SavedFile]) -> SavedSite:
    """Copy a site as it is at one moment: nothing is folded, published or sent between its snapshots."""
    stores = site.stores
    moment = _Moment(stores.folder, lambda: stores.parts.thaw(name))
    try:
        async with asyncio.timeout(_PATIENCE), site.flusher.paused():
            async with site.collector.paused():
                await asyncio.to_thread(moment.hold)
                folded = stores.profiles.folded()
            frozen = await stores.parts.freeze(name)
        step = await stores.parts.step()
    except TimeoutError:
        await asyncio.to_thread(moment.let_go)
        hint = "The profiles or the events store can't be written now. lenticular doctor says why."
        raise StoreError(Problem("backup.held", "The site could not be held still.", site.key, hint)) from None
    except BaseException:
        await asyncio.to_thread(moment.let_go)
        raise
    position, copies = await asyncio.to_thread(moment.copy, frozen, part, f"sites/{site.key}")
    files += copies
    rows = {each.table: each.rows for each in frozen}
    return SavedSite(site.key, position, folded, stores.parts.database, step, rows)


class _Moment:
    """A site's files as they were at one moment. Whoever copies them lets go of it, also when nobody waits any more."""

    def __init__(self, folder: Path, thaw: Callable[[], None]) -> None:
        self._folder, self._thaw = folder, thaw
        self._snapshots: dict[str, Snapshot] = {}
        self._notes: dict[str, bytes] = {}

    def hold(self) -> None:
        """Begin. Raises StoreError."""
        # Before the journal: an import that goes on from a note must not skip what the journal does not have.
        self._notes = {
            str(path.relative_to(self._folder)): path.read_bytes()
            for folder in NOTES
            for path in sorted((self._folder / folder).glob("[!.]*"))
        }
        for file in SQLITE_FILES:
            self._snapshots[file] = Snapshot(self._folder / file)

    def let_go(self) -> None:
        """End."""
        for each in self._snapshots.values():
            each.close()
        self._thaw()

    def copy(self, frozen: list[Frozen], part: Path, home: str) -> tuple[int, list[SavedFile]]:
        """Copy everything; return the position of the journal, and the files. Raises StoreError, OSError."""
        try:
            (part / home).mkdir(parents=True)
            for file, snapshot in self._snapshots.items():
                snapshot.copy(part / home / file)
            position = self._snapshots["journal.db"].ask(stored_last)
            for name, content in self._notes.items():
                (part / home / name).parent.mkdir(exist_ok=True)
                (part / home / name).write_bytes(content)
            files = [saved(part / home / file, f"{home}/{file}") for file in (*self._snapshots, *self._notes)]
            for table in frozen:
                for source in sorted(table.folder.rglob("*")) if table.folder else ():
                    if source.is_file():
                        path = f"{home}/events/{table.table}/{source.relative_to(table.folder or source)}"
                        files.append(copied(source, part / path, path))
            return position, files
        finally:
            self.let_go()


def _refuse_own(installation: Installation, target: Path) -> None:
    if not target.is_absolute():
        raise LenticularError(
            Problem("backup.target", "The path is not absolute.", str(target), "Give a whole path on the server.")
        )
    if target.resolve().is_relative_to(installation.folder.path.resolve()):
        hint = "Name a folder elsewhere, best on another disk."
        raise LenticularError(Problem("backup.target", "This lies in the data folder itself.", str(target), hint))


def _told(path: Path, manifest: Manifest, removed: list[str], missing: list[str]) -> Backup:
    positions = {each.key: each.position for each in manifest.sites}
    return Backup(str(path), manifest.at, manifest.bytes, positions, removed, missing, manifest.catalog)


def _unwritten(target: Path, error: OSError) -> StoreError:
    hint = "Look at the disk and the rights there. Nothing is left of this backup; older ones are as they were."
    return StoreError(Problem("backup.unwritten", f"The backup can't be written: {error.strerror}.", str(target), hint))
