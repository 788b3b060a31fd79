"""Traits: the last write wins, by (time, tie) and by name, in whatever order the writes arrive."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from lenticular.criteria.tables import TYPES, split_key, stored_key
from lenticular.profiles.event import Event, Values
from lenticular.profiles.profile import Profile

split = lru_cache(maxsize=1 << 14)(split_key)


class Described(Protocol):
    """What has traits: values by stored key, and the (time, tie) of each one's last write by name."""

    traits: Values
    stamps: dict[str, tuple[int, int]]


def write(profile: Profile, event: Event, tie: int) -> bool:
    """Set and remove the traits that an event names; return whether the profile's traits changed."""
    return put(profile, event.traits, event.removed, (event.time, tie))


def put(owner: Described, values: Values, removed: Iterable[str], stamp: tuple[int, int]) -> bool:
    """Set and remove traits as of a stamp; return whether the owner's traits changed.

    A write under another type's key removes the old key, so that a name has one value. A name set to null
    keeps its stamp, so that an earlier write that arrives later does not bring it back.
    """
    changed = False
    for key, value in values.items():
        name = split(key)[0]
        if _older(owner.stamps.get(name), stamp):
            if key not in owner.traits and name in owner.stamps:
                _forget(owner, name)
            changed = changed or owner.traits.get(key) != value
            owner.traits[key] = value
            owner.stamps[name] = stamp
    for name in removed:
        if _older(owner.stamps.get(name), stamp):
            changed = _forget(owner, name) or changed
            owner.stamps[name] = stamp
    return changed


def unite(into: Profile, other: Profile) -> None:
    """Write another profile's traits into one, each as of its own stamp."""
    values = {split(key)[0]: (key, value) for key, value in other.traits.items()}
    for name, stamp in other.stamps.items():
        if _older(into.stamps.get(name), stamp):
            _forget(into, name)
            into.stamps[name] = stamp
            if name in values:
                key, value = values[name]
                into.traits[key] = value


def part(now: Profile, mine: Profile, theirs: Profile) -> None:
    """Undo `unite` (see `part.py`)."""
    values = {split(key)[0]: (key, value) for key, value in mine.traits.items()}
    for name, stamp in theirs.stamps.items():
        if now.stamps.get(name) != stamp or mine.stamps.get(name) == stamp:
            continue
        _forget(now, name)
        del now.stamps[name]
        if name in mine.stamps:
            now.stamps[name] = mine.stamps[name]
            if name in values:
                key, value = values[name]
                now.traits[key] = value


def _older(stamp: tuple[int, int] | None, than: tuple[int, int]) -> bool:
    return stamp is None or stamp < than


def _forget(owner: Described, name: str) -> bool:
    found = False
    for kind in TYPES:
        found = owner.traits.pop(stored_key(name, kind), None) is not None or found
    return found
