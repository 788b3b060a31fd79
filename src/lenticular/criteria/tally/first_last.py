"""`first_time last_time first_value last_value`: the earliest and the latest event, ties broken by message."""

from __future__ import annotations

from collections.abc import Callable

from lenticular.criteria.tally.gather import Entry, Gather, same, time_only


def _time(pick: Callable[[int, int], int]) -> Gather:
    def add(found: int | None, time: int) -> int:
        return time if found is None else pick(found, time)

    return Gather(
        entry=time_only,
        start=lambda: None,
        add=add,
        join=lambda one, other: one if other is None else add(one, other),
        value=same,
    )


def _value(first: bool) -> Gather:
    def join(one: Entry | None, other: Entry | None) -> Entry | None:
        if one is None or other is None:
            return one or other
        return one if (one[:2] < other[:2]) == first else other

    return Gather(
        entry=lambda time, tie, value: [time, tie, value],
        start=lambda: None,
        add=join,
        join=join,
        value=lambda found: None if found is None else found[2],
    )


FIRST_TIME, LAST_TIME = _time(min), _time(max)
FIRST_VALUE, LAST_VALUE = _value(first=True), _value(first=False)
