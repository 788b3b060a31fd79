"""A tally: the running state of one behaviour of one profile. `step` in any order gives the same answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from lenticular.criteria.tally import columns
from lenticular.criteria.tally.gather import Gather
from lenticular.criteria.tally.occurrence import Occurrence

State = list[Any]
"""Without a rolling window `[what was gathered, columns of events still to come]`, else the columns of the events that
a window may need (`gather.Columns`)."""

Read = Callable[[State | None, int, int, int], Any]
"""(state, now, first, end) to the value over events with `first <= time < end`; None for a missing one."""


class Tally(msgspec.Struct, frozen=True):
    """How to keep one behaviour.

    `take` gives what is measured of an event, None if it does not count; `gather` collapses what no rolling window
    bounds, None for what can't be (a sequence: two columns). `back` is how far the window reaches back from now
    (None: for ever), ms; `most` how many of the newest events it needs at most; `in_session`: back from the newest
    event. `read` is the value at a moment.
    """

    key: str
    events: frozenset[str]
    take: Callable[[Occurrence], Any]
    gather: Gather | None
    read: Read
    back: int | None
    most: int | None = None
    in_session: bool = False

    @property
    def collapses(self) -> bool:
        """Whether the state is one gathered value and not the events themselves."""
        return self.back is None and self.gather is not None

    def step(self, state: State | None, event: Occurrence) -> State | None:
        """Return the state after one event; the state given may be changed in place."""
        value = self.take(event)
        if value is None:
            return state
        tie = event.tie if self._columns == 3 else 0
        if self.back is None and self.gather is not None:
            state = state or [self.gather.start(), columns.empty(self._columns)]
            if event.time <= event.received:
                state[0] = self.gather.add(state[0], event.time, tie, value)
            else:
                columns.put(state[1], event.time, tie, value)
            return state
        state = state or columns.empty(self._columns)
        columns.put(state, event.time, tie, value)
        if self.back is not None:
            self._drop(state, event, self.back)
        return state if state[0] else None

    @property
    def _columns(self) -> int:
        return self.gather.columns if self.gather else 2

    def size(self, state: State) -> int:
        """Return how many events or values a state holds; what is gathered into one value is one."""
        if not self.collapses:
            return len(state[0])
        gathered, coming = state
        return len(coming[0]) + (len(gathered) if type(gathered) is dict else 1)

    def _drop(self, state: State, event: Occurrence, back: int) -> None:
        """Let go of what no window can need any more; nothing that is still to come."""
        due = columns.due(state, event.received)
        newest = event.received
        if self.in_session:
            # The latest visit may lie long before now, but it began at most a local day before its newest event.
            newest = state[0][due - 1] if due else event.time
        useless = columns.due(state, newest - back)
        if self.most is not None:
            useless = max(useless, due - self.most)
        columns.drop(state, useless)

    def merge(self, one: State | None, other: State | None) -> State | None:
        """Return the state of two people who turned out to be one."""
        if not one or not other:
            return one or other
        if self.back is None and self.gather is not None:
            return [self.gather.join(one[0], other[0]), columns.united(one[1], other[1])]
        return columns.united(one, other)


def read_ever(gather: Gather) -> Read:
    """Return how a state without a rolling window is read."""
    nothing = gather.value(gather.start())

    def read(state: State | None, now: int, first: int, end: int) -> Any:
        if not state:
            return nothing
        gathered, coming = state
        if not coming[0] or coming[0][0] > now:
            return gather.value(gathered)
        found = gather.join(gather.start(), gathered)
        for time, value, tie in columns.rows(coming, columns.due(coming, now)):
            found = gather.add(found, time, tie, value)
        return gather.value(found)

    return read


def read_recent(gather: Gather) -> Read:
    """Return how the events of a rolling window are read."""
    nothing, over, between = gather.value(gather.start()), gather.over, columns.between

    def read(state: State | None, now: int, first: int, end: int) -> Any:
        if not state:
            return nothing
        start, stop = between(state, first, end)
        return over(state, start, stop) if start < stop else nothing

    return read
