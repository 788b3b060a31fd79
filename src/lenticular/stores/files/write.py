"""Write a catalog into a folder: one file per definition, always in the same form.

Reading the folder gives the same catalog. Files whose definitions are gone are removed; nothing else is touched.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from lenticular.catalog.catalog import KINDS, AnyDefinition, Catalog
from lenticular.catalog.property import Property
from lenticular.catalog.site import Site
from lenticular.errors import CatalogError, Problem
from lenticular.ids import short_hash
from lenticular.stores.files.emit import emit

_ODD = re.compile(r"[^A-Za-z0-9._-]")
_SUFFIXES = (".yaml", ".yml")
_LONGEST = 100


def write_catalog(folder: Path, catalog: Catalog) -> list[str]:
    """Write all files; return the names of those that are new, changed or gone. Raises CatalogError.

    A folder that has something in it must hold a catalog already.
    """
    try:
        _refuse_other(folder)
        wanted = {"site.yaml": _text(catalog.site, "")}
        for kind in KINDS:
            wanted |= _files(kind, getattr(catalog, kind))
        changed = []
        for name, text in wanted.items():
            path = folder / name
            if not path.exists() or path.read_bytes() != text.encode():
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
                changed.append(name)
        return sorted([*changed, *_removed(folder, set(wanted))])
    except OSError as error:
        message = f"The folder can't be written: {error.strerror}."
        hint = "Give yourself the right to write there, or name another folder."
        raise CatalogError(Problem("catalog.file", message, str(folder), hint)) from None


def _refuse_other(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not any((folder / f"site{end}").exists() for end in _SUFFIXES):
        message = "The folder has something else in it: there is no site.yaml."
        raise CatalogError(Problem("catalog.folder", message, str(folder), "Name a new folder, or that of a catalog."))


def _files(kind: str, definitions: dict[str, AnyDefinition]) -> dict[str, str]:
    """Return texts by file name; a name that differs from another's in capitals alone gets a number."""
    taken: set[str] = set()
    found = {}
    for key, one in sorted(definitions.items()):
        stem = _stem(key)
        if stem.casefold() in taken:
            stem = f"{stem}~{short_hash(key)}"
        taken.add(stem.casefold())
        found[f"{kind}/{stem}.yaml"] = _text(one, stem)
    return found


def _stem(key: str) -> str:
    plain = _ODD.sub("_", key)
    if plain.startswith("."):
        plain = f"_{plain[1:]}"
    return plain if len(plain) <= _LONGEST and plain == key else f"{plain[:_LONGEST]}~{short_hash(key)}"


def _text(definition: AnyDefinition | Site, stem: str) -> str:
    """Return a file's text: fields in the order of their tables, everything else sorted by name."""
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(definition, order="deterministic"))
    if not isinstance(definition, Property) and data.get("key") == stem:
        del data["key"]
    return emit(data)


def _removed(folder: Path, wanted: set[str]) -> list[str]:
    gone = []
    files = [path for kind in KINDS if (folder / kind).is_dir() for path in (folder / kind).iterdir()]
    for path in [*files, folder / "site.yml"]:
        name = path.relative_to(folder).as_posix()
        if path.suffix in _SUFFIXES and path.is_file() and name not in wanted:
            path.unlink()
            gone.append(name)
    return gone
