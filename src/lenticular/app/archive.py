"""A backup in one file: what is asked of it, and how it is unpacked for a while."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

from lenticular.errors import LenticularError, Problem, StoreError

ARCHIVE = ".tar"
_SPARE = 512 << 20
"""Bytes of the disk that unpacking leaves free: who serves from it must go on."""


def is_archive(path: Path) -> bool:
    """Return whether a path is that of a backup in one file."""
    return path.suffix == ARCHIVE and path.is_file()


def pack(folder: Path, target: Path, last: str) -> None:
    """Write a folder into one file, durably; the file `last` of it comes last."""
    with target.open("wb") as write:
        with tarfile.open(fileobj=write, mode="w") as archive:
            for path in sorted(folder.rglob("*"), key=lambda each: (each.name == last, each)):
                archive.add(path, str(path.relative_to(folder)), recursive=False)
        write.flush()
        os.fsync(write.fileno())


def read_member(archive: Path, name: str) -> bytes:
    """Return a file of an archive. Raises FileNotFoundError if it is not in it, LenticularError if it can't be read."""
    try:
        with tarfile.open(archive, "r:") as opened:
            member = opened.extractfile(name)
            if member is None:
                raise FileNotFoundError(name)
            return member.read()
    except KeyError:
        raise FileNotFoundError(name) from None
    except tarfile.TarError as error:
        raise _unreadable(archive, error) from None


def unpack(archive: Path, folder: Path, only: str = "") -> None:
    """Unpack an archive into a folder.

    `only` names a folder in it; of the others then no more than the files at the top come out. Raises LenticularError
    if it can't be read, StoreError if there is no room.
    """
    try:
        with tarfile.open(archive, "r:") as opened:
            members = [each for each in opened if not only or "/" not in each.name or _within(each.name, only)]
            _refuse_little_room(folder, sum(each.size for each in members))
            opened.extractall(folder, members, filter="data")
    except tarfile.TarError as error:
        raise _unreadable(archive, error) from None


def _within(name: str, folder: str) -> bool:
    return name == folder or name.startswith(f"{folder}/") or folder.startswith(f"{name}/")


def _refuse_little_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        message = f"Unpacking the backup takes {size / (1 << 30):.1f} GiB, and {free / (1 << 30):.1f} GiB are free."
        hint = "Make room there, or unpack the archive elsewhere and name the folder."
        raise StoreError(Problem("backup.room", message, str(folder), hint))


def _unreadable(archive: Path, error: tarfile.TarError) -> LenticularError:
    hint = "It was cut off, or is no backup. Take another one."
    return LenticularError(Problem("backup.archive", f"The archive can't be read: {error}.", str(archive), hint))
