"""What a rule can read of one visitor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class Person(msgspec.Struct, frozen=True):
    """Typed values by stored key, tallies by theirs; `session_start` in ms, None for someone without a session."""

    user: Mapping[str, Any] = {}
    session: Mapping[str, Any] = {}
    session_start: int | None = None
    tallies: Mapping[str, Any] = {}
