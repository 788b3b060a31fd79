"""Where in a text something stands."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lenticular.errors import Problem


class Source:
    """A rule's text, and the parenthesised form of it that Python's parser takes (so that it may have lines)."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.python = f"({self.text}\n)"
        self._lines = self.text.split("\n")

    @property
    def lines(self) -> int:
        """How many lines the text has."""
        return len(self._lines)

    def place(self, line: int, byte_column: int) -> str:
        """Return `line 1, column 5` for a position in the parenthesised form; columns count characters from 1."""
        row = self._lines[min(line, len(self._lines)) - 1]
        offset = byte_column - 1 if line == 1 else byte_column
        column = len(row.encode("utf-8", "replace")[: max(offset, 0)].decode("utf-8", "ignore"))
        return f"line {min(line, len(self._lines))}, column {column + 1}"

    def place_of(self, at: int) -> str:
        """Return the place of the character at an index of the text."""
        before = self.text[:at].split("\n")
        return f"line {len(before)}, column {len(before[-1]) + 1}"


def placed(problem: Problem, places: Mapping[str, str]) -> Problem:
    """Return a problem with its path in the tree turned into a place in the text (that of the nearest part known)."""
    path = problem.place
    while path not in places and path:
        path = path.rpartition("/")[0]
    return msgspec.structs.replace(problem, place=places.get(path, problem.place))
