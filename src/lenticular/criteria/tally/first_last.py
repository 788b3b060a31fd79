"""`first_time last_time first_value last_value`: the earliest and the latest event, ties broken by message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lenticular.criteria.tally.gather import Gather, same

Told = list[Any]
"""Time (ms), tie, and value of one event."""


def _time(best: Callable[..., int], at: Callable[[int, int], int]) -> Gather:
    def join(one: int | None, other: int | None) -> int | None:
        return best(one, other) if one is not None and other is not None else one if other is None else other

    return Gather(
        columns=1,
        start=lambda: None,
        add=lambda found, time, tie, value: join(found, time),
        join=join,
        value=same,
        over=lambda columns, first, end: columns[0][at(first, end)],
    )


def _value(is_first: bool, at: Callable[[int, int], int]) -> Gather:
    def join(one: Told | None, other: Told | None) -> Told | None:
        if one is None or other is None:
            return one or other
        return one if (one[:2] < other[:2]) == is_first else other

    return Gather(
        columns=3,
        start=lambda: None,
        add=lambda found, time, tie, value: join(found, [time, tie, value]),
        join=join,
        value=lambda found: None if found is None else found[2],
        over=lambda columns, first, end: columns[1][at(first, end)],
    )


def _first(first: int, end: int) -> int:
    return first


def _last(first: int, end: int) -> int:
    return end - 1


FIRST_TIME, LAST_TIME = _time(min, _first), _time(max, _last)
FIRST_VALUE, LAST_VALUE = _value(True, _first), _value(False, _last)
