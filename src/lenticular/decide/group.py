"""Caps on several items together: those of a collection, or of a group of the site."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import merge

import msgspec

from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.site import Site
from lenticular.decide.cap import Cap, ready_cap
from lenticular.profiles.profile import Shown


class Group(msgspec.Struct, frozen=True):
    """A cap on all of its members together. `of` says what the group is, a collection or a group of the site."""

    key: str
    name: str
    of: str
    cap: Cap
    members: frozenset[str]

    def seen(self, shown: Mapping[str, Shown]) -> Shown | None:
        """Return the impressions of all members, None for none.

        Each item has its newest hundred, and no limit is above that: where the oldest are not known it is reached.
        """
        own = [one for key, one in shown.items() if key in self.members]
        if len(own) < 2:
            return own[0] if own else None
        return Shown(sum(one.count for one in own), list(merge(*(one.times for one in own))))

    def reserved(self, reserved: Mapping[str, tuple[int, ...]]) -> tuple[int, ...]:
        """Return when the reservations of all members end."""
        return tuple(end for key, ends in reserved.items() if key in self.members for end in ends)


def pressure_groups(site: Site, content: Mapping[str, ContentItem]) -> list[Group]:
    """Return the groups of a site that can be used."""
    groups = []
    for one in site.pressure:
        members = frozenset(
            key
            for key, item in content.items()
            if (not one.types or item.type in one.types) and (not one.tags or not set(one.tags).isdisjoint(item.tags))
        )
        try:
            groups.append(Group(one.key, one.name or one.key, "group", ready_cap(one.cap), members))
        except ValueError:
            continue
    return groups
