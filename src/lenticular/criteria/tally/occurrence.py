"""What a tally reads of an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Passes = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
"""Whether an event's properties and context pass the filters of a behaviour."""


class Occurrence(Protocol):
    """What a tally reads of an event."""

    @property
    def name(self) -> str:
        """The event's name."""

    @property
    def time(self) -> int:
        """When it happened, ms."""

    @property
    def received(self) -> int:
        """When it arrived, ms: nothing is decided for an earlier moment any more."""

    @property
    def tie(self) -> int:
        """What orders it among events of the same millisecond (`ids.tie` of its message id)."""

    @property
    def properties(self) -> Mapping[str, Any]:
        """Its typed fields by stored key."""

    @property
    def context(self) -> Mapping[str, Any]:
        """Where it happened, by stored key."""
