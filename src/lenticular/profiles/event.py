"""One normalised event: what the journal keeps and the fold reads."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lenticular.criteria.tables import stored_key
from lenticular.ids import tie

Value = str | float | bool | int | list[Any]
"""A typed value: text str, number float, boolean bool, date int (days), datetime int (ms), list of str,
objects a list of dicts of plain values."""
Values = dict[str, Value]
"""Typed values by stored key (`criteria.tables.stored_key`)."""

_BOT = stored_key("bot", "boolean")

EventType = Literal["track", "identify", "page", "screen", "group", "alias", "visit", "member", "unmerge"]


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something a visitor did, or said of themselves; times in milliseconds since 1970-01-01T00:00Z.

    `time` is corrected for the client's clock and never after `received` (imports keep theirs). `name` is the
    event's name in rules, empty for messages that are no event (identify, alias, visit). A `visit` is what a
    decision leaves behind: it opens or continues a session. `removed` names traits that were set to null;
    `session` is what the message says of the whole visit (cookies, attributes of the site's own).

    `consent` says by purpose whether it is allowed. A `group` makes its owner a member of the organization
    `group_id`, or ends that if it is not `active`; its `properties` are the organization's traits and
    `group_removed` names those set to null; one that names nobody only describes the organization. A `member` says by
    segment key whether someone is on its static list. An `unmerge`, which only operators make, undoes the merge that
    brought its identity to where it is.
    """

    type: EventType
    message_id: str
    time: int
    received: int
    anonymous_id: str = ""
    user_id: str = ""
    name: str = ""
    properties: Values = {}
    traits: Values = {}
    removed: tuple[str, ...] = ()
    context: Values = {}
    previous_id: str = ""
    imported: bool = False
    trusted: bool = False
    session: Values = {}
    consent: dict[str, bool] = {}
    group_id: str = ""
    group_removed: tuple[str, ...] = ()
    active: bool = True
    lists: dict[str, bool] = {}

    @property
    def bot(self) -> bool:
        """Whether a machine speaks: then it is logged, and counts nothing (ADR 0016)."""
        return self.context.get(_BOT) is True

    @property
    def tie(self) -> int:
        """What orders it among events of the same millisecond."""
        return tie(self.message_id)
