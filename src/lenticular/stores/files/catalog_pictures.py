"""The pictures of a catalog that is a folder of files: `pictures/`, known by what is in them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

FOLDER = "pictures"
_NAMED = re.compile(r"[0-9a-f]{32}-(.+)")


def picture_files(folder: Path) -> dict[str, Path]:
    """Return the pictures beside a catalog by their hashes. What can't be read is as good as not there."""
    found = {}
    for path in _files(folder / FOLDER):
        try:
            with path.open("rb") as file:
                found[hashlib.file_digest(file, "sha256").hexdigest()[:32]] = path
        except OSError:
            continue
    return found


def file_name(name: str, slug: str, kind: str) -> str:
    """Return what the file of a picture is called when it is written here."""
    return f"{FOLDER}/{name}-{slug}.{'jpg' if kind == 'jpeg' else kind}"


def name_of(path: Path) -> str:
    """Return what a picture is called, of its file's name: that without the hash before it."""
    found = _NAMED.fullmatch(path.name)
    return found[1] if found else path.name


def remove_others(folder: Path, wanted: set[str]) -> list[str]:
    """Delete those that were written here and are not wanted any more; return their names. Raises OSError."""
    gone = []
    for path in _files(folder / FOLDER):
        name = f"{FOLDER}/{path.name}"
        if _NAMED.fullmatch(path.name) and name not in wanted:
            path.unlink()
            gone.append(name)
    return gone


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith(".")]
