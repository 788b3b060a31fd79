"""What keeps pictures: their bytes, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from lenticular.catalog.picture import KeptPicture


class PictureSearch(msgspec.Struct, frozen=True):
    """Which pictures: whose name has all words, up to `limit` of those before a number, the newest first."""

    words: tuple[str, ...] = ()
    before: int | None = None
    limit: int = 100


class Files(Protocol):
    """The files of pictures by the hash of what was uploaded, the same for all sites. Called from threads.

    All raise StoreError where the disk refuses. What is there is there as a whole.
    """

    def begin(self) -> Path:
        """Return a new folder to work in."""

    def forget(self, work: Path) -> None:
        """Delete a folder that was worked in, if it is still there."""

    def keep(self, work: Path, name: str) -> None:
        """Make a folder durable as that of a picture; one that is there already stays."""

    def add(self, work: Path, name: str) -> None:
        """Move files out of a folder to those of a picture that is there."""

    def find(self, name: str, file: str) -> Path | None:
        """Return where a file of a picture lies, None if it is not there."""

    def remove(self, name: str) -> None:
        """Delete a picture."""

    def names(self) -> Iterator[str]:
        """Yield the hashes of all pictures that there are files of."""

    def set_aside(self, names: Iterable[str], where: str) -> None:
        """Move the files of pictures into another folder beside them."""


class PictureStore(Protocol):
    """What is known of pictures. Called from threads; each call is one transaction.

    All raise StoreError when the database can't be asked, LenticularError for a value that it can't keep.
    """

    def put(self, picture: KeptPicture) -> KeptPicture:
        """Keep a new picture; its number is given here. One that the site has already is returned as it is."""

    def change(self, picture: KeptPicture) -> bool:
        """Write what an editor says of a picture: name, alternative text, focus. False if it is not there."""

    def made(self, site: str, name: str, recipe: int) -> None:
        """Note which recipe a picture's variants are of."""

    def find(self, site: str, name: str) -> KeptPicture | None:
        """Return a picture by its hash."""

    def search(self, site: str, search: PictureSearch) -> list[KeptPicture]:
        """Return pictures of a site, the newest first."""

    def every(self) -> list[KeptPicture]:
        """Return all pictures of all sites, the oldest first."""

    def unmade(self, site: str, recipe: int, limit: int) -> list[KeptPicture]:
        """Return pictures of a site whose variants are not of a recipe, the oldest first."""

    def remove(self, site: str, name: str) -> bool:
        """Forget a picture of a site; True if no site has it any more."""
