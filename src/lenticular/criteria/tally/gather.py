"""How a measure gathers: from events in any order, and in parts that are joined later, to a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

Columns = list[list[Any]]
"""What is kept of events in the order of time: their times (ms), what is measured of each, and their ties; as many of
these three columns as the measure needs."""


class Gather(msgspec.Struct, frozen=True):
    """A commutative way of adding up.

    `start` gives what holds nothing, `add` takes (gathered, time, tie, what is measured), `join` two gathered ones;
    both may change their first argument in place. `value` reads the result, None for a missing one. `over` gives the
    same value straight from the columns, for the events from an index up to another one, of which there are some.
    `columns` says how many of the columns it needs. All that is kept is plain: numbers, texts, lists, dicts.
    """

    columns: int
    start: Callable[[], Any]
    add: Callable[[Any, int, int, Any], Any]
    join: Callable[[Any, Any], Any]
    value: Callable[[Any], Any]
    over: Callable[[Columns, int, int], Any]


def same(value: Any) -> Any:
    """Return what was gathered as it is."""
    return value
