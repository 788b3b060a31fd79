"""Traits: the last write wins, by (time, tie) and by name, in whatever order the writes arrive."""

from __future__ import annotations

from functools import lru_cache

from lenticular.criteria.tables import TYPES, split_key, stored_key
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile

split = lru_cache(maxsize=1 << 14)(split_key)


def write(profile: Profile, event: Event, tie: int) -> bool:
    """Set and remove the traits that an event names; return whether the profile's traits changed.

    A write under another type's key removes the old key, so that a name has one value. A name set to null
    keeps its stamp, so that an earlier write that arrives later does not bring it back.
    """
    stamp = (event.time, tie)
    changed = False
    for key, value in event.traits.items():
        name = split(key)[0]
        if _older(profile.stamps.get(name), stamp):
            if key not in profile.traits and name in profile.stamps:
                _forget(profile, name)
            changed = changed or profile.traits.get(key) != value
            profile.traits[key] = value
            profile.stamps[name] = stamp
    for name in event.removed:
        if _older(profile.stamps.get(name), stamp):
            changed = _forget(profile, name) or changed
            profile.stamps[name] = stamp
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


def _older(stamp: tuple[int, int] | None, than: tuple[int, int]) -> bool:
    return stamp is None or stamp < than


def _forget(profile: Profile, name: str) -> bool:
    found = False
    for kind in TYPES:
        found = profile.traits.pop(stored_key(name, kind), None) is not None or found
    return found
