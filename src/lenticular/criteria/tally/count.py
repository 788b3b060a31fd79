"""The tally of `count`: how many events passed the filters, or when they did."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from lenticular.criteria.tree import Count

State = list[Any]
"""Without a rolling window `[how many, times still to come]`, else the times (ms, ascending) a window may need."""

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
    def properties(self) -> Mapping[str, Any]:
        """Its typed fields by stored key."""

    @property
    def context(self) -> Mapping[str, Any]:
        """Where it happened, by stored key."""


class CountTally(msgspec.Struct, frozen=True):
    """How to keep the count of one behaviour.

    `after` and `end` are the fixed edges of its window, `back` how far it reaches back from now (None: for ever), ms.
    """

    key: str
    count: Count
    passes: Passes
    after: int
    end: int
    back: int | None

    def step(self, state: State | None, event: Occurrence) -> State | None:
        """Return the state after one event; the state given may be changed in place."""
        if not self.after <= event.time < self.end or not self.passes(event.properties, event.context):
            return state
        back = self.back
        if back is None:
            state = state or [0, []]
            if event.time <= event.received:
                state[0] += 1
            else:
                insort(state[1], event.time)
            return state
        state = state or []
        insort(state, event.time)
        del state[: bisect_right(state, self._latest(state, event) - back)]
        return state

    def _latest(self, state: State, event: Occurrence) -> int:
        """Return what the window reaches back from, at the earliest."""
        if self.count.window.within != "session":
            return event.received
        # The latest visit may lie long before now, but it began at most a local day before the newest event.
        due = bisect_right(state, event.received)
        return int(state[due - 1]) if due else event.time

    def merge(self, one: State | None, other: State | None) -> State | None:
        """Return the state of two people who turned out to be one."""
        if not one or not other:
            return one or other
        if self.back is None:
            return [one[0] + other[0], sorted(one[1] + other[1])]
        return sorted(one + other)


def read_total(state: State | None, end: int) -> int:
    """Return a count without a rolling window: events before `end` (ms)."""
    return state[0] + bisect_left(state[1], end) if state else 0


def read_recent(state: State | None, first: int, end: int) -> int:
    """Return the count of events with `first <= time < end` (ms)."""
    return max(bisect_left(state, end) - bisect_left(state, first), 0) if state else 0
