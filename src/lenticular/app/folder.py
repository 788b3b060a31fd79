"""A data folder has one owner at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

from lenticular.errors import Problem, StoreError

CATALOG_FILE = "catalog.db"
"""Of the data folder: the catalog's database, where no setting names another one."""
PREVIEW_KEY = "preview.key"
"""Of the data folder: what preview links are signed with. Without it every link that there is ends."""


class Folder:
    """A data folder, owned by this process until `release`. Raises StoreError if it can't be used, or is owned."""

    def __init__(self, path: Path, create: bool = False) -> None:
        self.path = path
        if not path.is_dir() and not create:
            hint = "Create it, or name another one with --data or LENTICULAR_DATA."
            raise StoreError(Problem("data.missing", "The data folder does not exist.", str(path), hint))
        self._lock = self._take()

    def _take(self) -> IO[str]:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock = (self.path / "lock").open("a")
        except OSError as error:
            hint = "Give the user that runs Lenticular the right to write there, or name another folder with --data."
            place = str(self.path)
            raise StoreError(
                Problem("data.unwritable", f"The data folder can't be written to: {error.strerror}.", place, hint)
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StoreError(in_use(self.path)) from None
        return lock

    def release(self) -> None:
        """Let another process have the folder."""
        self._lock.close()


def in_use(path: Path) -> Problem:
    """Return the refusal of a folder that another process owns."""
    return Problem(
        "data.in-use",
        "Another process is using this data folder.",
        str(path),
        "One process owns a folder. Stop the other one, ask it over HTTP, or name another folder with --data.",
    )
