"""An organization: a group that profiles belong to (Segment's `group`), with traits of its own."""

from __future__ import annotations

import msgspec

from lenticular.profiles.event import Values


class Organization(msgspec.Struct):
    """One organization. `id` is the group id, which rules read as the trait `id`.

    `traits` holds typed values by stored key, `stamps` the (time, tie) of each trait's last write by name;
    `version` counts the messages that named it.
    """

    id: str
    traits: Values = {}
    stamps: dict[str, tuple[int, int]] = {}
    version: int = 0
