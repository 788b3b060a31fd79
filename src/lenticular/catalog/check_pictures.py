"""Whether the pictures of this server that a catalog names are there. What is missing costs itself, not the block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.findings import Findings
from lenticular.catalog.picture import PREFIX, hashes_in
from lenticular.catalog.places import Path, Places
from lenticular.errors import Problem


def check_pictures(catalog: Catalog, has: Callable[[str], bool], places: Places | None = None) -> list[Problem]:
    """Return a problem for each place that names a picture whose hash is not one that there is."""
    findings = Findings(catalog, places or Places())
    if all(map(has, hashes_in(msgspec.json.encode(catalog)))):
        return []
    for kind in KINDS:
        for key, one in getattr(catalog, kind).items():
            for path, text in _texts(msgspec.to_builtins(one), (kind, key)):
                for name in sorted(hashes_in(text.encode())):
                    if not has(name):
                        hint = "Upload it, or put its file into the folder pictures/ of the catalog."
                        findings.add("missing-picture", f"There is no picture {name}.", path, hint)
    return findings.problems


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield all texts that may name a picture, each with the way to it."""
    if isinstance(value, str):
        if PREFIX in value:
            yield path, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, (*path, name))
    elif isinstance(value, list):
        for at, one in enumerate(value):
            yield from _texts(one, (*path, at))
