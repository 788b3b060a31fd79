"""Three-way merge of plain JSON, field by field: what two people made of one beginning.

Objects merge member by member. Lists whose members can be told apart (by `key`, `segment` or `value`, or by being
different texts) merge as ordered sets; any other value is one thing, and two different changes of it are a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from lenticular.catalog.patch import same
from lenticular.catalog.references import escaped


class Merge(msgspec.Struct, frozen=True):
    """What `mine` and `theirs` made of `base`, and `merged`, which has both.

    `conflicts` are JSON pointers (RFC 6901) to what both changed, each in another way; there, `merged` has mine. A body
    is None where there was none, or where it was deleted.
    """

    base: Any
    mine: Any
    theirs: Any
    merged: Any
    conflicts: tuple[str, ...]


class _Missing:
    def __repr__(self) -> str:
        return "missing"


_MISSING = _Missing()
_NAMES = ("key", "segment", "value")


def merge(base: Any, mine: Any, theirs: Any) -> Merge:
    """Return what two people made of one beginning."""
    conflicts: list[str] = []
    merged = _merge(base, mine, theirs, "", conflicts)
    return Merge(base, mine, theirs, merged, tuple(conflicts))


def _merge(base: Any, mine: Any, theirs: Any, at: str, conflicts: list[str]) -> Any:
    if same(mine, theirs) or same(theirs, base):
        return mine
    if same(mine, base):
        return theirs
    if isinstance(mine, dict) and isinstance(theirs, dict):
        return _objects(base if isinstance(base, dict) else {}, mine, theirs, at, conflicts)
    if isinstance(mine, list) and isinstance(theirs, list):
        before = base if isinstance(base, list) else []
        named = [_named(one) for one in (before, mine, theirs)]
        if all(one is not None for one in named):
            return _lists([one or {} for one in named], at, conflicts)
    conflicts.append(at)
    return mine


def _objects(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any], at: str, conflicts: list[str]
) -> dict[str, Any]:
    merged = {}
    for name in dict.fromkeys((*mine, *theirs)):
        before, own, other = (one.get(name, _MISSING) for one in (base, mine, theirs))
        value = _merge(before, own, other, f"{at}/{escaped(name)}", conflicts)
        if value is not _MISSING:
            merged[name] = value
    return merged


def _named(members: Sequence[Any]) -> dict[str, Any] | None:
    """Return a list's members by what tells them apart, None where nothing does."""
    found: dict[str, Any] = {}
    for member in members:
        name = (
            next((member.get(name) for name in _NAMES if name in member), None) if isinstance(member, dict) else member
        )
        if not isinstance(name, str) or name in found:
            return None
        found[name] = member
    return found


def _lists(three: list[dict[str, Any]], at: str, conflicts: list[str]) -> list[Any]:
    base, mine, theirs = three
    values = {}
    for name in dict.fromkeys((*mine, *theirs)):
        position = next(list(one).index(name) for one in (mine, theirs) if name in one)
        before, own, other = (one.get(name, _MISSING) for one in three)
        value = _merge(before, own, other, f"{at}/{position}", conflicts)
        if value is not _MISSING:
            values[name] = value
    kept = [name for name in base if name in mine and name in theirs]
    orders = [[name for name in one if name in kept] for one in (mine, theirs)]
    if orders[0] != kept and orders[1] != kept and orders[0] != orders[1]:
        conflicts.append(at)
    first, second = (theirs, mine) if orders[0] == kept else (mine, theirs)
    return [values[name] for name in _woven(list(first), list(second)) if name in values]


def _woven(order: list[str], other: list[str]) -> list[str]:
    """Return an order with the names that only another one has, each after the one that it follows there."""
    woven = list(order)
    for at, name in enumerate(other):
        if name not in woven:
            ahead = next((woven.index(one) + 1 for one in reversed(other[:at]) if one in woven), 0)
            woven.insert(ahead, name)
    return woven
