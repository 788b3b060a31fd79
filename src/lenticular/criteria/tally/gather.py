"""How a measure gathers: from entries, in any order and in parts that are joined later, to a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import msgspec

Entry = Any
"""What is kept of one event: its time (ms), or a list that begins with it."""


class Gather(msgspec.Struct, frozen=True):
    """A commutative way of adding up.

    `entry` makes the entry of (time, tie, value); `start` gives what holds nothing, `add` and `join` may change
    their first argument in place; `value` reads the result, None for a missing one. All that is kept is plain:
    numbers, texts, lists, dicts.
    """

    entry: Callable[[int, int, Any], Entry]
    start: Callable[[], Any]
    add: Callable[[Any, Entry], Any]
    join: Callable[[Any, Any], Any]
    value: Callable[[Any], Any]

    def over(self, entries: Iterable[Entry]) -> Any:
        """Return the value over some entries."""
        return self.value(reduce(self.add, entries, self.start()))


def when(entry: Entry) -> int:
    """Return the time of an entry (ms)."""
    return entry if type(entry) is int else entry[0]


def time_only(time: int, tie: int, value: Any) -> int:
    """Keep the time alone."""
    return time


def time_and_value(time: int, tie: int, value: Any) -> list[Any]:
    """Keep the time and the value."""
    return [time, value]


def same(value: Any) -> Any:
    """Return what was gathered as it is."""
    return value
