"""The files of pictures in a folder: `ports.Files`.

pictures/3f/3f…/original        what was uploaded, as it came; only editors get it
pictures/3f/3f…/fallback.jpg    what everything knows, without anything but the picture
pictures/3f/3f…/640.avif        variants
pictures/.new-…                 what is being worked on: of a process that died, it goes at the next start
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from lenticular.errors import Problem, StoreError

FOLDER = "pictures"
"""Of the data folder."""
ORIGINAL = "original"
_NEW, _GONE = ".new-", ".gone-"


class PictureFiles:
    """The files below one folder, which need not be there until something is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self) -> Path:
        """Return a new folder to work in."""
        with self._writing():
            self.folder.mkdir(parents=True, exist_ok=True)
            return Path(mkdtemp(prefix=_NEW, dir=self.folder))

    def forget(self, work: Path) -> None:
        """Delete a folder that was worked in."""
        shutil.rmtree(work, ignore_errors=True)

    def keep(self, work: Path, name: str) -> None:
        """Make a folder durable as that of a picture, all of it or nothing."""
        home = self._home(name)
        with self._writing():
            home.parent.mkdir(parents=True, exist_ok=True)
            if home.is_dir():
                self.add(work, name)
                return
            for path in work.iterdir():
                _sync(path)
            _sync(work)
            work.chmod(0o755)
            work.rename(home)
            _sync(home.parent)
            _sync(self.folder)

    def add(self, work: Path, name: str) -> None:
        """Move files to those of a picture; each is the old or the new one at any moment."""
        home = self._home(name)
        with self._writing():
            for path in list(work.iterdir()):
                _sync(path)
                path.replace(home / path.name)
            _sync(home)

    def find(self, name: str, file: str) -> Path | None:
        """Return where a file of a picture lies."""
        path = self._home(name) / file
        return path if path.is_file() else None

    def remove(self, name: str) -> None:
        """Delete a picture: at once nobody finds it, then its files go."""
        home = self._home(name)
        with self._writing():
            if home.is_dir():
                gone = Path(mkdtemp(prefix=_GONE, dir=self.folder))
                home.rename(gone / name)
                _sync(home.parent)
                shutil.rmtree(gone, ignore_errors=True)

    def names(self) -> Iterator[str]:
        """Yield the hashes of all pictures."""
        for part in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            yield from (path.name for path in sorted(part.iterdir()) if path.is_dir())

    def set_aside(self, names: Iterable[str], where: str) -> None:
        """Move pictures into a folder beside this one."""
        with self._writing():
            aside = self.folder.parent / where
            for name in names:
                aside.mkdir(exist_ok=True)
                self._home(name).rename(aside / name)

    def sweep(self) -> None:
        """Delete what a process left that died while it worked."""
        for left in [*self.folder.glob(f"{_NEW}*"), *self.folder.glob(f"{_GONE}*")]:
            shutil.rmtree(left, ignore_errors=True)

    def _home(self, name: str) -> Path:
        return self.folder / name[:2] / name

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"Pictures can't be kept: {error.strerror}."
            hint = "Look at the disk and the folder's rights."
            raise StoreError(Problem("data_error", message, str(self.folder), hint)) from None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
