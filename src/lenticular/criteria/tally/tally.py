"""A tally: the running state of one behaviour of one profile. `step` in any order gives the same answers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from typing import Any

import msgspec

from lenticular.criteria.tally.gather import Entry, Gather, when
from lenticular.criteria.tally.occurrence import Occurrence

State = list[Any]
"""Without a rolling window `[what was gathered, entries still to come]`, else the entries (ascending by time) that a
window may need."""

Read = Callable[[State | None, int, int, int], Any]
"""(state, now, first, end) to the value over events with `first <= time < end`; None for a missing one."""


class Tally(msgspec.Struct, frozen=True):
    """How to keep one behaviour.

    `take` gives an event's entry, None if it does not count; `gather` collapses what no rolling window bounds, None
    for what can't be. `back` is how far the window reaches back from now (None: for ever), ms; `most` how many of the
    newest entries it needs at most; `in_session`: back from the newest entry. `read` is the value at a moment.
    """

    key: str
    events: frozenset[str]
    take: Callable[[Occurrence], Entry | None]
    gather: Gather | None
    read: Read
    back: int | None
    most: int | None = None
    in_session: bool = False

    def step(self, state: State | None, event: Occurrence) -> State | None:
        """Return the state after one event; the state given may be changed in place."""
        entry = self.take(event)
        if entry is None:
            return state
        if self.back is None:
            if self.gather is None:
                state = state or []
                insort(state, entry, key=when)
                return state
            state = state or [self.gather.start(), []]
            if event.time <= event.received:
                state[0] = self.gather.add(state[0], entry)
            else:
                insort(state[1], entry, key=when)
            return state
        state = state or []
        insort(state, entry, key=when)
        self._drop(state, event, self.back)
        return state

    @property
    def collapses(self) -> bool:
        """Whether entries are gathered into one value as they come."""
        return self.back is None and self.gather is not None

    def size(self, state: State) -> int:
        """Return how many entries a state holds; what is gathered into one value is one."""
        if not self.collapses:
            return len(state)
        gathered, coming = state
        return len(coming) + (len(gathered) if type(gathered) is dict else 1)

    def _drop(self, state: State, event: Occurrence, back: int) -> None:
        """Let go of what no window can need any more; nothing that is still to come."""
        due = bisect_right(state, event.received, key=when)
        newest = event.received
        if self.in_session:
            # The latest visit may lie long before now, but it began at most a local day before its newest event.
            newest = when(state[due - 1]) if due else event.time
        useless = bisect_right(state, newest - back, key=when)
        if self.most is not None:
            useless = max(useless, due - self.most)
        if useless:
            del state[:useless]

    def merge(self, one: State | None, other: State | None) -> State | None:
        """Return the state of two people who turned out to be one."""
        if not one or not other:
            return one or other
        if self.back is None and self.gather is not None:
            return [self.gather.join(one[0], other[0]), sorted(one[1] + other[1], key=when)]
        return sorted(one + other, key=when)


def read_ever(gather: Gather) -> Read:
    """Return how a state without a rolling window is read."""
    nothing = gather.value(gather.start())

    def read(state: State | None, now: int, first: int, end: int) -> Any:
        if not state:
            return nothing
        gathered, coming = state
        if not coming or when(coming[0]) > now:
            return gather.value(gathered)
        due = coming[: bisect_right(coming, now, key=when)]
        copy = gather.join(gather.start(), gathered)
        for entry in due:
            copy = gather.add(copy, entry)
        return gather.value(copy)

    return read


def read_recent(gather: Gather) -> Read:
    """Return how the entries of a rolling window are read."""
    nothing = gather.value(gather.start())

    def read(state: State | None, now: int, first: int, end: int) -> Any:
        if not state:
            return nothing
        return gather.over(state[bisect_left(state, first, key=when) : bisect_left(state, end, key=when)])

    return read


def read_count(state: State | None, now: int, first: int, end: int) -> float:
    """Return how many times lie in a window: `count` is asked the most, and needs no gathering."""
    return float(max(bisect_left(state, end) - bisect_left(state, first), 0)) if state else 0.0
