"""A data folder has one owner at a time."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from lenticular.errors import Problem, StoreError

CATALOG_FILE = "catalog.db"
"""Of the data folder: the catalog's database, where no setting names another one."""
PREVIEW_KEY = "preview.key"
"""Of the data folder: what preview links are signed with. Without it every link that there is ends."""


class Folder:
    """A data folder, owned by this process until `release`. Raises StoreError if it can't be used, or is owned.

    One that can't be written to is refused, unless `to_read` is enough; `refusal` says then why it can't, "" if it can.
    """

    def __init__(self, path: Path, create: bool = False, to_read: bool = False) -> None:
        self.path, self.refusal, self._to_read = path, "", to_read
        if not path.is_dir() and not create:
            hint = "Create it, or name another one with --data or LENTICULAR_DATA."
            raise StoreError(Problem("data.missing", "The data folder does not exist.", str(path), hint))
        self._lock = self._take()

    def _take(self) -> IO[str]:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a")
            self.refusal = unwritable(self.path)
        except OSError as error:
            self.refusal = error.strerror or str(error)
            try:
                lock = (self.path / "lock").open()
            except OSError:  # nobody has ever owned it
                raise self._refused() from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StoreError(in_use(self.path)) from None
        if self.refusal and not self._to_read:
            lock.close()
            raise self._refused()
        return lock

    def _refused(self) -> StoreError:
        hint = "Give the user that runs Lenticular the right to write there, or name another folder with --data."
        message = f"The data folder can't be written to: {self.refusal}."
        return StoreError(Problem("data.unwritable", message, str(self.path), hint))

    def release(self) -> None:
        """Let another process have the folder."""
        self._lock.close()


def unwritable(path: Path) -> str:
    """Return why nothing can be written into a folder, "" if something can; a disk that is full is no reason.

    It is tried: neither rights nor `statvfs` tell of a file system that met an error and refuses from then on.
    """
    try:
        with TemporaryFile(dir=path):
            return ""
    except OSError as error:
        return "" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or str(error)


def in_use(path: Path) -> Problem:
    """Return the refusal of a folder that another process owns."""
    return Problem(
        "data.in-use",
        "Another process is using this data folder.",
        str(path),
        "One process owns a folder. Stop the other one, ask it over HTTP, or name another folder with --data.",
    )
