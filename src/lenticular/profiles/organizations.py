"""The organizations that a slice of the journal names."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lenticular.profiles.event import Event
from lenticular.profiles.flag import Stamp
from lenticular.profiles.organization import Organization, describe, unknown
from lenticular.profiles.rows import OrganizationRow, organization_row

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Organization).decode


class Organizations:
    """Organizations as of what was folded, kept until committed; `look` gives those of before."""

    def __init__(self, look: Callable[[str], Organization | None]) -> None:
        self._look = look
        self._changed: dict[str, Organization] = {}
        self._row_changed: set[str] = set()

    def get(self, organization_id: str) -> Organization | None:
        """Return a copy of an organization."""
        mine = self._changed.get(organization_id)
        return self._look(organization_id) if mine is None else _decode(_encode(mine))

    def take(self, event: Event, stamp: Stamp) -> None:
        """Take in what a group message says of its organization."""
        key = event.group_id
        if key not in self._changed:
            found = self._look(key)
            self._changed[key] = found or unknown(key)
            if found is None:
                self._row_changed.add(key)
        if describe(self._changed[key], event, stamp):
            self._row_changed.add(key)

    @property
    def changed(self) -> list[Organization]:
        """Those that were named."""
        return list(self._changed.values())

    @property
    def rows(self) -> list[OrganizationRow]:
        """The rows of those that are new or have other traits than before."""
        return [organization_row(self._changed[key]) for key in sorted(self._row_changed)]
