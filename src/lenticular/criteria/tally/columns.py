"""What a tally keeps of events, in the order of time: lists side by side, so that a window is a slice of each."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

from lenticular.criteria.tally.gather import Columns


def empty(columns: int) -> Columns:
    """Return columns without events: their times, what is measured, their ties."""
    return [[] for _ in range(columns)]


def put(columns: Columns, time: int, tie: int, value: Any) -> None:
    """Add an event where it belongs; among those of one millisecond by its tie, if ties are kept."""
    times = columns[0]
    at = len(times) if not times or times[-1] < time else bisect_right(times, time)
    if len(columns) == 3:
        while at and times[at - 1] == time and columns[2][at - 1] > tie:
            at -= 1
    for column, part in zip(columns, (time, value, tie), strict=False):
        column.insert(at, part)


def drop(columns: Columns, upto: int) -> None:
    """Remove the events before an index."""
    if upto > 0:
        for column in columns:
            del column[:upto]


def due(columns: Columns, now: int) -> int:
    """Return how many of the events have happened by `now` (ms)."""
    return bisect_right(columns[0], now)


def between(columns: Columns, first: int, end: int) -> tuple[int, int]:
    """Return the indices of the events with `first <= time < end`."""
    return bisect_left(columns[0], first), bisect_left(columns[0], end)


def rows(columns: Columns, upto: int) -> Iterator[tuple[int, Any, int]]:
    """Yield (time, what is measured, tie) of the events before an index; True and 0 for columns that are not kept."""
    values: Sequence[Any] = columns[1] if len(columns) > 1 else [True] * upto
    ties: Sequence[int] = columns[2] if len(columns) > 2 else [0] * upto
    for at in range(upto):
        yield columns[0][at], values[at], ties[at]


def united(one: Columns, other: Columns) -> Columns:
    """Return the events of both."""
    # By time, then by tie if there are ties: the last column is the one that breaks them.
    rows = sorted((*zip(*one, strict=True), *zip(*other, strict=True)), key=lambda row: (row[0], row[2:]))
    return [list(column) for column in zip(*rows, strict=True)] if rows else one
