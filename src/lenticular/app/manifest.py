"""What a backup says of itself: written last, so that one without it, or with another one, was never finished."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

import msgspec

from lenticular.app.archive import is_archive, read_member
from lenticular.errors import LenticularError, Problem

MANIFEST = "manifest.json"
FORMAT = 2
"""Of the layout of a backup; a newer one is refused. In 1, each site's folder had its catalog."""
_CHUNK = 1 << 20


class SavedFile(msgspec.Struct, frozen=True):
    """A file of a backup: its path in it, its length, and its SHA-256."""

    path: str
    bytes: int
    sha256: str


class SavedSite(msgspec.Struct, frozen=True):
    """A site in a backup: everything accepted up to `position`.

    Up to `folded` that is in the profiles, and from there to the events store sent or in the outbox; the rest is in the
    journal. `step` is the newest migration of the tables, `rows` how many rows each has, `database` their name.
    """

    key: str
    position: int
    folded: int
    database: str
    step: int
    rows: dict[str, int]


class Manifest(msgspec.Struct, frozen=True):
    """A backup: by which version, when (ms), which sites, which files.

    `catalog`: where definitions, drafts and history are: in a `file` of the backup, in a file of each of the `sites`
    (by earlier versions), or `elsewhere`, in a database that has its own tools.
    """

    format: int
    version: str
    at: int
    sites: list[SavedSite]
    files: list[SavedFile]
    catalog: Literal["file", "sites", "elsewhere"] = "sites"

    @property
    def bytes(self) -> int:
        """The length of all files."""
        return sum(file.bytes for file in self.files)


def copied(source: Path, target: Path, path: str) -> SavedFile:
    """Copy a file durably; return what the manifest says of it. `path` is its name in the backup."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with source.open("rb") as read, target.open("xb") as write:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            write.write(chunk)
        write.flush()
        os.fsync(write.fileno())
        size = write.tell()
    return SavedFile(path, size, digest.hexdigest())


def saved(source: Path, path: str) -> SavedFile:
    """Return what the manifest says of a file that is there already."""
    with source.open("rb") as read:
        digest = hashlib.file_digest(read, "sha256")
        return SavedFile(path, read.tell(), digest.hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Finish a backup: the manifest is there as a whole or not at all."""
    path = folder / MANIFEST
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as write:
        write.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        write.flush()
        os.fsync(write.fileno())
    unfinished.replace(path)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup, a folder or one file.

    Raises LenticularError if it was cut off, is damaged, or is of a newer form.
    """
    path = folder / MANIFEST
    try:
        body = read_member(folder, MANIFEST) if is_archive(folder) else path.read_bytes()
        form = msgspec.json.decode(body, type=dict[str, msgspec.Raw]).get("format", b"0")
        if int(bytes(form)) > FORMAT:
            hint = "Restore it with the version that made it, or a newer one."
            raise LenticularError(Problem("backup.newer", "A newer version made this backup.", str(folder), hint))
        return msgspec.json.decode(body, type=Manifest)
    except FileNotFoundError:
        hint = "A backup is finished when it has a manifest.json. Take another one."
        raise LenticularError(
            Problem("backup.unfinished", "This is no backup, or one that was cut off.", str(folder), hint)
        ) from None
    except (OSError, ValueError, msgspec.DecodeError):
        raise LenticularError(
            Problem("backup.manifest", "The backup's manifest can't be read.", str(path), "Take another backup.")
        ) from None


def check_files(folder: Path, manifest: Manifest) -> None:
    """Read every file of a backup. Raises LenticularError that names up to ten that are missing or changed."""
    wrong = []
    for file in manifest.files:
        path = folder / file.path
        if not path.resolve().is_relative_to(folder.resolve()):
            wrong.append((file.path, "lies outside of the backup"))
        elif not path.is_file():
            wrong.append((file.path, "is missing"))
        elif saved(path, file.path) != file:
            wrong.append((file.path, "is not what was saved"))
    if wrong:
        raise LenticularError(
            *(
                Problem("backup.damaged", f"The file {what}.", f"{folder}/{path}", "Take another backup.")
                for path, what in wrong[:10]
            )
        )
