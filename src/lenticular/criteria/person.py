"""What a rule can read of one visitor."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec


class Person(msgspec.Struct, frozen=True):
    """Typed values by stored key, tallies by theirs; `session_start` in ms, None for someone without a session.

    `organizations` holds the typed traits of each organization the person belongs to. `withheld` is a mask of
    `purposes.PURPOSES`, `lists` are the keys of the segments whose static list the person is on, `interests` the
    views by topic and day (`criteria.interests`).
    """

    user: Mapping[str, Any] = {}
    session: Mapping[str, Any] = {}
    session_start: int | None = None
    tallies: Mapping[str, Any] = {}
    organizations: Sequence[Mapping[str, Any]] = ()
    withheld: int = 0
    lists: Collection[str] = ()
    interests: Mapping[str, Mapping[int, int]] = {}
