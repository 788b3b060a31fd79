"""One normalised event: what the journal keeps and the fold reads."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Value = str | float | bool | int | list[Any]
"""A typed value: text str, number float, boolean bool, date int (days), datetime int (ms), list of str,
objects a list of dicts of plain values."""
Values = dict[str, Value]
"""Typed values by stored key (`criteria.tables.stored_key`)."""

EventType = Literal["track", "identify", "page", "screen", "group", "alias", "visit"]


class Event(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Something a visitor did, or said of themselves; times in milliseconds since 1970-01-01T00:00Z.

    `time` is corrected for the client's clock and never after `received` (imports keep theirs). `name` is the
    event's name in rules, empty for messages that are no event (identify, alias, visit). A `visit` is what a
    decision leaves behind: it opens or continues a session. `removed` names traits that were set to null;
    `session` is what the message says of the whole visit (cookies, attributes of the site's own).
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
