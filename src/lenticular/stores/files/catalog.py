"""Read a catalog from a folder: one definition per file, every problem with its file, line and column.

site.yaml
properties/  segments/  content/  collections/  pages/  slots/      *.yaml
pictures/                                                          what is shown in them
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec

from lenticular.catalog.catalog import KINDS, AnyDefinition, Catalog, gather
from lenticular.catalog.check import check
from lenticular.catalog.check_kinds import BlockKinds, check_kinds
from lenticular.catalog.check_pictures import check_pictures
from lenticular.catalog.places import Places, Source
from lenticular.catalog.rules import RuleReader
from lenticular.catalog.shape import misfits
from lenticular.catalog.site import Site
from lenticular.errors import Problem, did_you_mean
from lenticular.stores.files.catalog_pictures import FOLDER, picture_files
from lenticular.stores.files.yaml import read_yaml

MAX_BYTES = 1_000_000
_SUFFIXES = (".yaml", ".yml")


def read_catalog(
    folder: Path,
    read_rule: RuleReader | None = None,
    kinds: BlockKinds | None = None,
    pictures: Collection[str] = (),
) -> tuple[Catalog | None, list[Problem]]:
    """Return the catalog of a folder and everything that is wrong with it (`catalog.check.fatal` says what counts).

    A file that can't be read is left out, and what refers to it is not reported again. Without a readable site.yaml
    there is no catalog, but the other files' own problems are still returned. With `kinds`, blocks are checked against
    them. `pictures` are hashes of those that are elsewhere. Writes nothing.
    """
    if problem := _missing(folder):
        return None, [problem]
    reading = _Reading(folder)
    if not reading.entries:
        return None, reading.problems
    site = reading.site()
    reading.folders()
    if site is None:
        return None, reading.problems
    catalog, doubles = gather(site, reading.definitions)
    places = Places(reading.sources)
    checked = check(catalog, places, read_rule, reading.unreadable)
    checked += check_kinds(catalog, kinds, places) if kinds else []
    there = {*pictures, *picture_files(folder)}
    checked += check_pictures(catalog, there.__contains__, places)
    return catalog, [*reading.problems, *doubles, *checked]


class _Reading:
    """What has been read so far."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problems: list[Problem] = []
        self.definitions: list[tuple[AnyDefinition, str]] = []
        self.sources: dict[tuple[str, str], Source] = {}
        self.unreadable: dict[str, set[str]] = {kind: set() for kind in KINDS}
        self.entries = self._list(folder, str(folder))
        if not self.entries and not self.problems:
            hint = f"It should hold site.yaml and the folders {', '.join(KINDS)}."
            self.problems.append(Problem("catalog.missing", "The folder is empty.", str(folder), hint))

    def site(self) -> Site | None:
        """Read the definition of the site."""
        found = [path for suffix in _SUFFIXES if (path := self._folder / f"site{suffix}").exists()]
        if not found:
            hint = "Write it with `key`, `timezone` and `writeKey`."
            self.problems.append(Problem("catalog.no-site", "There is no site.yaml.", "site.yaml", hint))
            return None
        site = self._definition(found[0], Site, "site")
        return site if isinstance(site, Site) else None

    def folders(self) -> None:
        """Read every folder of definitions, and report what else lies there."""
        for path in self.entries:
            if path.is_dir() and path.name in KINDS:
                self._files(path)
            elif path.is_dir() and path.name != FOLDER:
                hint = did_you_mean(path.name, KINDS) or f"Known folders: {', '.join((*KINDS, FOLDER))}."
                message = f'There is no such part of a catalog as "{path.name}".'
                self.problems.append(Problem("catalog.unknown-folder", message, f"{path.name}/", hint))
            elif path.suffix in _SUFFIXES and path.stem != "site":
                hint = f"Put it into one of the folders {', '.join(KINDS)}."
                self.problems.append(Problem("catalog.unknown-file", "Only site.yaml lies here.", path.name, hint))

    def _list(self, folder: Path, place: str) -> list[Path]:
        try:
            return _entries(folder)
        except OSError as error:
            message = f"The folder can't be read: {error.strerror}."
            self.problems.append(Problem("catalog.file", message, place, "Give yourself the right to read it."))
            return []

    def _files(self, folder: Path) -> None:
        for path in self._list(folder, f"{folder.name}/"):
            name = f"{folder.name}/{path.name}"
            if path.suffix not in _SUFFIXES or path.is_dir():
                message = "This is not read: definitions are .yaml files, one in each."
                self.problems.append(Problem("catalog.unknown-file", message, name, "Rename it or take it away."))
                continue
            definition = self._definition(path, KINDS[folder.name], folder.name)
            if definition is not None and not isinstance(definition, Site):
                self.definitions.append((definition, name))

    def _definition(
        self, path: Path, struct: type[AnyDefinition] | type[Site], kind: str
    ) -> AnyDefinition | Site | None:
        """Read one file; None with its problems noted if it does not hold the definition."""
        name = path.name if kind == "site" else f"{kind}/{path.name}"
        before = len(self.problems)
        data, source = self._data(path, name)
        key = path.stem
        if len(self.problems) == before:
            if isinstance(data, dict) and struct.__struct_fields__[0] == "key" and kind != "site":
                key = str(data.setdefault("key", path.stem))
            for misfit in misfits(data, struct):
                place = Places({(kind, key): source}).of((kind, key, *misfit.path), misfit.name)
                self.problems.append(Problem("catalog.shape", misfit.message, place, misfit.hint))
        if len(self.problems) > before:
            self.unreadable.setdefault(kind, set()).add(key)
            return None
        definition = msgspec.convert(data, struct)
        self.sources.setdefault((kind, definition.key), source)
        return definition

    def _data(self, path: Path, name: str) -> tuple[Any, Source]:
        text = ""
        try:
            if path.stat().st_size > MAX_BYTES:
                raise ValueError(f"It is larger than {MAX_BYTES:,} bytes.")
            text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except OSError as error:
            self.problems.append(Problem("catalog.file", f"It can't be read: {error.strerror}.", name))
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            hint = "Save the file as UTF-8."
            self.problems.append(Problem("catalog.file", "This is not UTF-8.", f"{name}:{line}:1", hint))
        except ValueError as error:
            self.problems.append(Problem("catalog.file", str(error), name, "Split it."))
        else:
            document = read_yaml(text, name)
            self.problems += document.problems
            return document.data, document.source
        return None, Source(name, text)


def _missing(folder: Path) -> Problem | None:
    if not folder.exists():
        return Problem("catalog.missing", "There is no such folder.", str(folder), "Name the folder of a catalog.")
    if not folder.is_dir():
        return Problem("catalog.missing", "This is a file.", str(folder), "Name the folder that holds site.yaml.")
    return None


def _entries(folder: Path) -> list[Path]:
    """Return what lies in a folder by name, without hidden and Markdown files. Raises OSError."""
    entries = sorted(folder.iterdir(), key=lambda path: path.name)
    return [path for path in entries if not path.name.startswith(".") and path.suffix.lower() != ".md"]
