"""Small notes in a folder, one JSON file each: replaced as a whole, so that a note is always the old or the new one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from lenticular.errors import LenticularError, Problem, StoreError

NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
T = TypeVar("T", bound=msgspec.Struct)


class Notes(Generic[T]):
    """The notes of one kind, by name. A note that can't be read is as good as none.

    Raises LenticularError for what can't be a name, StoreError where it can't be written.
    """

    def __init__(self, folder: Path, kind: type[T], suffix: str = ".json") -> None:
        self._folder, self._suffix = folder, suffix
        self._decode = msgspec.json.Decoder(kind).decode

    def get(self, name: str) -> T | None:
        """Return a note, None if there is none."""
        try:
            return self._decode(self._path(name).read_bytes())
        except (OSError, msgspec.DecodeError):
            return None

    def names(self) -> list[str]:
        """Return the names of the notes, sorted."""
        if not self._folder.is_dir():
            return []
        found = [path.name for path in self._folder.iterdir() if path.name.endswith(self._suffix)]
        return sorted(name.removesuffix(self._suffix) for name in found)

    def put(self, name: str, note: T) -> None:
        """Write a note; it is on disk when this returns."""
        replace_file(self._path(name), msgspec.json.format(msgspec.json.encode(note)))

    def remove(self, name: str) -> None:
        """Take a note away, if it is there."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise LenticularError(Problem("name", f"{name!r:.80} can't be a name.", hint="Letters, digits, - and _."))
        return self._folder / f"{name}{self._suffix}"


def replace_file(path: Path, content: bytes) -> None:
    """Write a file as a whole, readable by its own user only. Raises StoreError."""
    beside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        hint = "Look at the disk and the folder's rights."
        raise StoreError(
            Problem("data_error", f"The file can't be written: {error.strerror}.", str(path), hint)
        ) from None
