"""Static members: the segments whose list someone was put on by hand."""

from __future__ import annotations

from collections.abc import Mapping

from lenticular.profiles import flag
from lenticular.profiles.profile import Profile


def write(profile: Profile, lists: Mapping[str, bool], stamp: flag.Stamp) -> bool:
    """Put someone on lists or take them off, by segment key; return whether that changed anything."""
    for key, member in lists.items():
        flag.write(profile.listed, key, member, stamp)
    return _settle(profile)


def unite(into: Profile, other: Profile) -> None:
    """Add another profile's lists: who was on a list of either is on it."""
    flag.unite(into.listed, other.listed)
    _settle(into)


def part(now: Profile, mine: Profile, theirs: Profile) -> None:
    """Undo `unite` (see `part.py`)."""
    flag.part(now.listed, mine.listed, theirs.listed)
    _settle(now)


def _settle(profile: Profile) -> bool:
    before = profile.lists
    profile.lists = flag.yes(profile.listed)
    return profile.lists != before
