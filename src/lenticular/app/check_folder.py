"""What the doctor sees of a data folder from outside: rights, room, backups, the SQLite files."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from lenticular.app.backup_folder import last_backup
from lenticular.app.finding import Finding, fine, warning, wrong
from lenticular.app.folder import CATALOG_FILE, unwritable
from lenticular.app.give_way import give_way
from lenticular.app.manifest import read_manifest
from lenticular.criteria.calendar import DAY
from lenticular.errors import LenticularError, StoreError
from lenticular.stores.sqlite.check import agreement, damage, numbers

LITTLE_DISK = 2 << 30
"""Bytes; below, the disk is about to be full."""
OLD_BACKUP = 7
"""Days."""
_WRITE = "Give the user that runs Lenticular the right to write there; look at the disk if it became so by itself."
_REBUILD = "Stop the server; then `lenticular restore BACKUP --force --journal {data} --data {data}` makes it again."


def check_place(data: Path) -> list[Finding]:
    """Look at the folder itself."""
    if data.exists() and not data.is_dir():
        return [wrong("folder.file", f"{data} is not a folder.", "Name another one with --data.")]
    if not data.is_dir():
        hint = "Create it with `lenticular serve`, or name another one with --data."
        return [wrong("folder.missing", f"{data} does not exist.", hint)]
    found = check_writable(data)
    if found:
        return found
    found = [fine("folder", "the folder exists and can be written to")]
    locked = [path for path in _own_files(data) if not os.access(path, os.R_OK | os.W_OK)]
    if locked:
        found.append(wrong("folder.rights", f"{len(locked)} files can't be written to, such as {locked[0]}.", _WRITE))
    free = shutil.disk_usage(data).free
    amount = f"{free / (1 << 30):.1f} GiB free on its disk"
    hint = "Free some: events are refused when it is full."
    found.append(warning("disk.little", f"{amount}.", hint) if free < LITTLE_DISK else fine("disk", amount))
    return found


def check_writable(data: Path) -> list[Finding]:
    """Say why nothing can be written to the folder, nothing if something can."""
    why = unwritable(data)
    return [wrong("folder.rights", f"{data} can't be written to: {why}.", _WRITE)] if why else []


def _own_files(data: Path) -> Iterator[Path]:
    yield from (path for path in data.glob(f"{CATALOG_FILE}*") if path.is_file())
    yield from (path for path in (data / "sites").glob("*/*") if path.is_file())
    yield from (path for path in (data / "clickhouse").glob("*") if path.is_file())


def check_backups(data: Path, now: int) -> list[Finding]:
    """Look at the newest backup and its age."""
    hint = "Take one every night: lenticular backup DIR --keep 14."
    newest = last_backup(data)
    if newest is None:
        return [warning("backup.none", "There is no backup that this folder knows of.", hint)]
    try:
        days = (now - read_manifest(newest).at) / DAY
    except LenticularError as error:
        return [warning("backup.damaged", f"The newest backup, {newest}: {error.problems[0].message}", hint)]
    if days > OLD_BACKUP:
        return [warning("backup.old", f"The newest backup is {days:.0f} days old: {newest}.", hint)]
    return [fine("backup", f"the newest backup is {max(days, 0):.1f} days old: {newest}")]


def check_catalog(data: Path) -> list[Finding]:
    """Look whether the catalog's file is whole."""
    said = damage(data / CATALOG_FILE)
    if said:
        return [wrong("catalog.damaged", f"{CATALOG_FILE} is damaged: {said}", _REBUILD.format(data=data))]
    return [fine("catalog", f"{CATALOG_FILE} is whole")]


def check_files(site: str, folder: Path, data: Path) -> list[Finding]:
    """Look whether the SQLite files of a site are whole; what is read of them is one state, also while it is served."""
    found = []
    rebuild = _REBUILD.format(data=data)
    for file in ("profiles.db", "journal.db"):
        said = damage(folder / file)
        if said:
            found.append(wrong("file.damaged", f"{file} is damaged: {said}", rebuild, site))
    return found or [fine("files", "profiles.db and journal.db are whole", site)]


def check_journal(site: str, folder: Path, folded: int) -> list[Finding]:
    """Look at the numbers of a journal. Raises StoreError."""
    found = []
    have = numbers(folder / "journal.db")
    for first, last in have.missing:
        message = f"The journal lacks the numbers {first:,} to {last:,}."
        hint = "Nothing can be done; if they were folded, profiles and log have them all the same."
        found.append(warning("journal.gap", message, hint, site))
    if folded > have.last:
        message = f"The profiles are at number {folded:,}, the journal ends at {have.last:,}."
        hint = "The journal is older than the profiles: restore both from one backup."
        found.append(wrong("journal.behind", message, hint, site))
    if have.first and have.first > folded + 1:
        message = (
            f"The journal begins at {have.first:,}, and the profiles are at {folded:,}: what lies between is lost."
        )
        found.append(wrong("journal.lost", message, "Restore the last backup with --journal.", site))
    return found or [fine("journal", f"the journal goes from number {have.first:,} to {have.last:,}", site)]


def check_profiles(site: str, folder: Path) -> list[Finding]:
    """Look whether profiles and identities agree. Raises StoreError."""
    have = agreement(folder / "profiles.db", give_way)
    repair = "lenticular doctor --repair makes the identities again from the profiles."
    found = []
    if have.astray or have.unled or have.next_id:
        message = f"{have.astray:,} identities lead nowhere, {have.unled:,} of profiles do not lead to them."
        found.append(wrong("profiles.identities", message, repair, site))
    if have.unreadable:
        hint = "Restore the last backup with --journal."
        found.append(wrong("profiles.unreadable", f"{have.unreadable:,} profiles can't be read.", hint, site))
    if have.unnamed:
        message = f"{have.unnamed:,} profiles have no identity left: their only id moved to another person."
        found.append(fine("profiles.unnamed", message, site))
    return found or [fine("profiles", f"{have.profiles:,} profiles and their identities agree", site)]


def offline(data: Path) -> list[Finding]:
    """Look at the files of all sites, when the folder can't be opened."""
    found = check_catalog(data) if (data / CATALOG_FILE).exists() else []
    for folder in sorted(path for path in (data / "sites").glob("*") if path.is_dir()):
        try:
            found += check_files(folder.name, folder, data)
        except StoreError as error:
            found.append(wrong("file.unreadable", error.problems[0].message, error.problems[0].hint, folder.name))
    return found
