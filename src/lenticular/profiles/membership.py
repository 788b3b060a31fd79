"""Which organizations someone belongs to: the last word about each wins, the first joining gives the order."""

from __future__ import annotations

from lenticular.profiles.flag import Stamp
from lenticular.profiles.profile import Membership, Profile


def write(profile: Profile, organization_id: str, active: bool, stamp: Stamp) -> bool:
    """Join or leave an organization; return whether the profile's organizations changed."""
    said = Membership(stamp if active else None, stamp, active)
    _add(profile, organization_id, said)
    return _settle(profile)


def unite(into: Profile, other: Profile) -> None:
    """Add another profile's memberships, as if one person had joined and left."""
    for organization_id, theirs in other.memberships.items():
        _add(into, organization_id, theirs)
    _settle(into)


def part(now: Profile, mine: Profile, theirs: Profile) -> None:
    """Undo `unite` (see `part.py`): of what was said since, the first joining is mine, or else that."""
    for organization_id, other in theirs.memberships.items():
        known, own = now.memberships.pop(organization_id), mine.memberships.get(organization_id)
        if known.last == max(other.last, own.last if own else other.last):
            if own:
                now.memberships[organization_id] = own
            continue
        joined = own.joined if own and own.joined else known.last if known.active else None
        now.memberships[organization_id] = Membership(joined, known.last, known.active)
    _settle(now)


def _add(profile: Profile, organization_id: str, said: Membership) -> None:
    known = profile.memberships.get(organization_id)
    if known is not None:
        later = max(known, said, key=lambda each: each.last)
        joined = [each.joined for each in (known, said) if each.joined is not None]
        said = Membership(min(joined, default=None), later.last, later.active)
    profile.memberships[organization_id] = said


def _settle(profile: Profile) -> bool:
    before = profile.organizations
    active = [(each.joined, key) for key, each in profile.memberships.items() if each.active and each.joined]
    profile.organizations = [key for _, key in sorted(active)]
    return profile.organizations != before
