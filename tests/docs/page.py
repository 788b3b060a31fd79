"""Reads the pages of the documentation: their code blocks, sections, links."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"(?:`(?P<file>[\w./-]+)`:\n)?^```(?P<tag>[a-z]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


class Fence(NamedTuple):
    """A code block; `file` is the name that the line before it gives."""

    file: str
    tag: str
    text: str


def pages() -> list[Path]:
    """Return every page that people read."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def read(name: str) -> str:
    """Return a page by its path in the repository."""
    return (ROOT / name).read_text()


def fences(text: str) -> Iterator[Fence]:
    """Yield the code blocks of a page, in order."""
    for found in _FENCE.finditer(text):
        yield Fence(found["file"] or "", found["tag"], found["text"])


def sections(text: str, level: str = "##") -> dict[str, str]:
    """Return what stands under each heading of a level."""
    parts = re.split(rf"^{level} (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def rows(text: str, head: str) -> list[list[str]]:
    """Return the cells of the table whose first row begins as given, but for its two rows of heading."""
    table = f"{head}{text.partition(head)[2]}".partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in table.splitlines()[2:]]


def contains(whole: Any, part: Any) -> bool:
    """Return whether JSON has at least what an example shows of it."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(name in whole and contains(whole[name], part[name]) for name in part)
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) >= len(part) and all(map(contains, whole, part))
    return bool(whole == part)


def shows(output: str, fence: Fence) -> bool:
    """Return whether a command's output has what the block after it shows: its lines, or a part of its JSON."""
    if fence.tag == "json":
        return contains(json.loads(output), json.loads(fence.text))
    return all(line.rstrip() in output for line in fence.text.splitlines())
