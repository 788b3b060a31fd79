"""Consent: which purposes someone withholds their data from (DESIGN §4.2, Consent; §6, Identity)."""

from __future__ import annotations

from collections.abc import Mapping

from lenticular.criteria.purposes import PURPOSES
from lenticular.profiles import flag
from lenticular.profiles.profile import Profile


def write(profile: Profile, consent: Mapping[str, bool], stamp: flag.Stamp) -> bool:
    """Note what a message allows, by purpose; return whether what is withheld changed."""
    for purpose, allowed in consent.items():
        if purpose in PURPOSES:
            flag.write(profile.consents, purpose, not allowed, stamp)
    return _settle(profile)


def unite(into: Profile, other: Profile) -> None:
    """Add another profile's consent: the stricter of the two holds until the next word."""
    flag.unite(into.consents, other.consents)
    _settle(into)


def part(now: Profile, mine: Profile, theirs: Profile) -> None:
    """Undo `unite` (see `part.py`)."""
    flag.part(now.consents, mine.consents, theirs.consents)
    _settle(now)


def _settle(profile: Profile) -> bool:
    before = profile.withheld
    profile.withheld = sum(PURPOSES[purpose] for purpose in flag.yes(profile.consents))
    return profile.withheld != before
