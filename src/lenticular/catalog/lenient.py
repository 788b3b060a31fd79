"""Definitions as they stand in an editor, right or not: what fits is read, and what does not is left out and told."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import msgspec

from lenticular.catalog.catalog import AnyDefinition
from lenticular.catalog.compose import struct_of
from lenticular.catalog.places import Path, Places
from lenticular.catalog.shape import misfits
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Body
from lenticular.errors import Problem

_ROUNDS = 20
"""What is left out may leave something unfit behind; so often is that looked for."""


def read_leniently(kind: str, key: str, body: Body) -> tuple[AnyDefinition | Site | None, list[Problem]]:
    """Return the definition of a body without the parts that don't fit, and a problem for each of these.

    None if nothing is left of it. Raises CatalogError for a kind that is not there.
    """
    struct = struct_of(kind)
    data = copy.deepcopy(body)
    if struct.__struct_fields__[0] == "key":
        data.setdefault("key", key)
    problems: dict[Problem, None] = {}
    for _ in range(_ROUNDS):
        found = misfits(data, struct)
        if not found:
            break
        for one in found:
            place = Places().of((kind, key, *one.path))
            problems[Problem("catalog.shape", one.message, place, one.hint)] = None
        if any(not one.path for one in found):
            return None, list(problems)
        for path in sorted((one.path for one in found), key=_backwards, reverse=True):
            _leave_out(data, path)
    try:
        definition: AnyDefinition | Site = msgspec.convert(data, struct)
    except msgspec.ValidationError as error:
        problem = Problem("catalog.shape", f"{error}.", f"{kind}/{key}")
        return None, [*problems, problem]
    return definition, list(problems)


def _backwards(path: Path) -> tuple[tuple[int, str, int], ...]:
    """Order paths so that the last member of a list comes last."""
    return tuple((1, "", step) if isinstance(step, int) else (0, step, 0) for step in path)


def _leave_out(data: Any, path: Sequence[str | int]) -> None:
    """Take out what lies at a path, if it is still there."""
    *steps, last = path
    for step in steps:
        if not _has(data, step):
            return
        data = data[step]
    if _has(data, last):
        del data[last]


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, dict):
        return step in data
    return isinstance(data, list) and isinstance(step, int) and step < len(data)
