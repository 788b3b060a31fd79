"""Whether an event would change what is known: of rows that are pulled again and again only what is new is taken in."""

from __future__ import annotations

from collections.abc import Iterable

from lenticular.criteria.tables import every_key
from lenticular.profiles.event import Event, Values
from lenticular.profiles.fold import LookUps
from lenticular.profiles.traits import Described, split


def says_nothing_new(look: LookUps, event: Event) -> bool:
    """Return whether an event's person or organization is known to be as it says, or has been told otherwise since."""
    stamp = (event.time, event.tie)
    if event.type == "group":
        organization = look.organization(event.group_id)
        if organization is None or _changes(organization, event.properties, event.group_removed, stamp):
            return False
        if not (event.user_id or event.anonymous_id):
            return True
    owners = {
        look.find(kind, value) for kind, value in (("user", event.user_id), ("anonymous", event.anonymous_id)) if value
    }
    found = owners.pop() if len(owners) == 1 else None
    profile = None if found is None else look.get(found)
    if profile is None or _changes(profile, event.traits, event.removed, stamp):
        return False
    return event.type != "group" or event.group_id in profile.organizations


def _changes(owner: Described, values: Values, removed: Iterable[str], stamp: tuple[int, int]) -> bool:
    for key, value in values.items():
        if owner.traits.get(key) != value and _is_older(owner.stamps.get(split(key)[0]), stamp):
            return True
    return any(
        _is_older(owner.stamps.get(name), stamp) and not owner.traits.keys().isdisjoint(every_key(name))
        for name in removed
    )


def _is_older(known: tuple[int, int] | None, stamp: tuple[int, int]) -> bool:
    return known is None or known < stamp
