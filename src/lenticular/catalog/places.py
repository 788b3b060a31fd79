"""Where the parts of a catalog stand in its source, so that a problem can say so."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

Path = tuple[str | int, ...]
"""The way to a part: kind and key of a definition, members, indexes: ("segments", "students", "rule")."""

_LINE_COLUMN = re.compile(r"line (\d+), column (\d+)")


class Source(msgspec.Struct, frozen=True):
    """The text that a definition was read from, and the offset in it of each member's name and value."""

    file: str
    text: str
    names: dict[Path, int] = {}
    values: dict[Path, int] = {}

    def place(self, offset: int) -> str:
        """Return `file:line:column` of an offset; lines and columns count from 1."""
        before = self.text[:offset]
        return f"{self.file}:{before.count(chr(10)) + 1}:{offset - before.rfind(chr(10))}"


class Places:
    """Finds the place of each part of a catalog, by the sources of its definitions."""

    def __init__(self, sources: Mapping[tuple[str, str], Source] | None = None) -> None:
        self._sources = sources or {}

    def of(self, path: Path, name: bool = False) -> str:
        """Return where a part stands, or the nearest part around it; of its name if asked.

        Without a source it is the path itself: `segments/students/rule`.
        """
        source = self._sources.get((str(path[0]), str(path[1])) if len(path) > 1 else ("", ""))
        if source is None:
            return "/".join(str(step) for step in path)
        return source.place(_offset(source, path[2:], name))

    def within(self, path: Path, value: str, inner: str) -> str:
        """Return where `inner` ("line 1, column 8" of a text value) stands in the source.

        YAML may fold and indent a text, but it keeps the characters that are not spaces, in their order: the
        place sought has as many of them before it in the source as in the value.
        """
        source = self._sources.get((str(path[0]), str(path[1])))
        found = _LINE_COLUMN.search(inner)
        if source is None or found is None or path[2:] not in source.values:
            return f"{self.of(path)}{f', {inner}' if inner else ''}"
        lines = value.split("\n")
        line, column = int(found[1]), int(found[2])
        ahead = len("".join("".join([*lines[: line - 1], lines[line - 1][: column - 1]]).split()))
        offset = _text_start(source.text, source.values[path[2:]])
        while offset < len(source.text) and (ahead or source.text[offset].isspace()):
            ahead -= not source.text[offset].isspace()
            offset += 1
        return source.place(offset)


def _offset(source: Source, path: Path, name: bool) -> int:
    if name and path in source.names:
        return source.names[path]
    while path and path not in source.values:
        path = path[:-1]
    return source.values.get(path, 0)


def _text_start(text: str, offset: int) -> int:
    """Skip what opens a YAML text: a quote, or the header line of a block."""
    if text[offset : offset + 1] in ("|", ">"):
        end = text.find("\n", offset)
        return len(text) if end < 0 else end + 1
    return offset + (text[offset : offset + 1] in ("'", '"'))
