"""What a decision is asked for, and what it needs to know of the visitor."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lenticular.criteria.interests import Views
from lenticular.profiles.profile import Shown


class Request(msgspec.Struct, frozen=True):
    """The page, by its path, and the slots to decide; `explain` asks for the reasons in detail."""

    page: str | None = None
    slots: tuple[str, ...] = ()
    explain: bool = False


class Visitor(msgspec.Struct, frozen=True):
    """What caps and holdouts need to know: impressions by item, the session's start (ms), and reservations.

    `reserved` holds, by item, when each active reservation ends (ms): see `reservations.Reservations.active`.
    `unknown` are segments of which nobody can say now whether the visitor is in them. `bucketing_id` is what lots are
    drawn by; without one (personas, previews) the visitor is never held out. `interests` are the views by topic and day
    (`criteria.interests`), none of whoever withholds them.
    """

    shown: Mapping[str, Shown] = msgspec.field(default_factory=dict)
    session_start: int | None = None
    reserved: Mapping[str, tuple[int, ...]] = msgspec.field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    bucketing_id: str = ""
    interests: Views = {}
