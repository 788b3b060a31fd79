"""An organization: a group that profiles belong to (Segment's `group`), with traits of its own."""

from __future__ import annotations

import msgspec

from lenticular.criteria.tables import stored_key
from lenticular.profiles.event import Event, Values
from lenticular.profiles.flag import Stamp
from lenticular.profiles.traits import put

ID = stored_key("id", "text")
"""The trait under which rules read the group id."""


class Organization(msgspec.Struct, omit_defaults=True):
    """One organization; make a new one with `unknown`.

    `id` is the group id. `traits` holds typed values by stored key, the id among them; `stamps` the (time, tie)
    of each trait's last write by name; `version` counts the messages that named it.
    """

    id: str
    traits: Values = {}
    stamps: dict[str, tuple[int, int]] = {}
    version: int = 0


def unknown(organization_id: str) -> Organization:
    """Return an organization of which nothing but its id is known."""
    return Organization(organization_id, {ID: organization_id})


def describe(organization: Organization, event: Event, stamp: Stamp) -> bool:
    """Take in what a group message says of an organization; return whether its traits changed."""
    organization.version += 1
    return put(organization, event.properties, event.group_removed, stamp)
