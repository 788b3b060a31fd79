"""A folder of backups: one folder each, named by its moment; `.part` until it is finished."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from lenticular.app.archive import is_archive
from lenticular.app.manifest import MANIFEST
from lenticular.errors import LenticularError, Problem

PART = ".part"
_FORM = "%Y-%m-%dT%H-%M-%S"
LAST_BACKUP = "last-backup"
"""The file of a data folder that says where its newest backup is."""
_MARK = "lenticular-backups"
"""The file that makes a folder one of backups; who writes there holds it."""


@contextmanager
def writing_to(target: Path) -> Iterator[None]:
    """Own a folder of backups for a while; made if it is missing. Raises LenticularError."""
    try:
        if target.exists() and not target.is_dir():
            raise _refused(target, "This is a file.", "Name a folder, or a new file that ends in .tar.")
        target.mkdir(parents=True, exist_ok=True)
        if not (target / _MARK).exists() and any(target.iterdir()):
            raise _refused(target, "The folder is not empty, and no folder of backups.", "Name an empty or new one.")
        mark = (target / _MARK).open("a")
    except OSError as error:
        hint = "Name one that the server's user may write to."
        raise _refused(target, f"The folder can't be written to: {error.strerror}.", hint) from None
    with mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise _refused(target, "Another backup is being written there.", "Wait until it is finished.") from None
        for left in target.glob(f"*{PART}"):  # of one that was cut off: nobody else is writing here
            shutil.rmtree(left, ignore_errors=True)
        yield


def next_name(target: Path, at: int) -> str:
    """Return the name of a backup of a moment (ms), such as `2026-11-29T03-17-38.250Z`.

    It is later than all names there, whatever the clock says: names are the order in which backups were taken.
    """
    newest = max((_moment(path.name) for path in target.iterdir()), default=0)
    moment = datetime.fromtimestamp(max(at, newest + 1) / 1000, UTC)
    return f"{moment.strftime(_FORM)}.{moment.microsecond // 1000:03}Z"


def _moment(name: str) -> int:
    """Return the moment (ms) that a name says, 0 if it says none."""
    stamp, _, rest = name.removesuffix(PART).removesuffix("Z").partition(".")
    try:
        return round(datetime.strptime(stamp, _FORM).replace(tzinfo=UTC).timestamp()) * 1000 + int(rest)
    except ValueError:
        return 0


def finished(target: Path) -> list[Path]:
    """Return the finished backups of a folder, oldest first."""
    return sorted(
        path for path in target.iterdir() if path.suffix != PART and _moment(path.name) and (path / MANIFEST).is_file()
    )


def remove_older(target: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups; return those that went."""
    gone = finished(target)[:-keep] if keep else []
    for each in gone:
        (each / MANIFEST).unlink()  # first, so that half of a backup is never taken for one
        shutil.rmtree(each, ignore_errors=True)
    return gone


def backup_at(path: Path) -> Path:
    """Return the backup that a path names: itself, or the newest one in it. Raises LenticularError."""
    with suppress(OSError):  # a name that no file can have
        if is_archive(path):
            return path
        if (path / MANIFEST).is_file() and path.suffix != PART:
            return path
        if path.is_dir() and path.suffix != PART and (found := finished(path)):
            return found[-1]
    hint = "Name a backup (a folder or a .tar), or a folder of them. One without a manifest.json was cut off."
    raise LenticularError(Problem("backup.none", "There is no finished backup here.", str(path), hint))


def remember(data: Path, backup: Path) -> None:
    """Note in a data folder where its newest backup is."""
    with suppress(OSError):  # the backup is no worse without
        (data / LAST_BACKUP).write_text(str(backup), "utf-8")


def last_backup(data: Path) -> Path | None:
    """Return the newest backup of a data folder that can be found, None if there is none."""
    try:
        noted = Path((data / LAST_BACKUP).read_text("utf-8"))
        return noted if is_archive(noted) or (noted / MANIFEST).is_file() else backup_at(noted.parent)
    except (OSError, ValueError, LenticularError):
        return None


def _refused(target: Path, message: str, hint: str) -> LenticularError:
    return LenticularError(Problem("backup.target", message, str(target), hint))
