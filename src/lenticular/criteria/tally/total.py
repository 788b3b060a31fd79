"""`sum` and `avg`: exact, in integers of millionths, so that no order of adding changes them."""

from __future__ import annotations

from typing import Any

from lenticular.criteria.measures import EXACT, LARGEST_SUMMED, MILLION
from lenticular.criteria.tally.gather import Gather

Total = list[int]
"""How many, and their sum in whole parts and millionths (0 … 999,999): each fits 64 bits."""


def millionths(value: float) -> int | None:
    """Return a number in millionths, half to even; None for one that is too large to be summed."""
    return round(value * MILLION) if abs(value) <= LARGEST_SUMMED else None


def _entry(time: int, tie: int, value: Any) -> list[int] | None:
    found = millionths(value)
    return None if found is None else [time, found]


def _add(total: Total, entry: list[int]) -> Total:
    whole, part = divmod(total[2] + entry[1], MILLION)
    return [total[0] + 1, total[1] + whole, part]


def _join(one: Total, other: Total) -> Total:
    whole, part = divmod(one[2] + other[2], MILLION)
    return [one[0] + other[0], one[1] + other[1] + whole, part]


def _sum(total: Total) -> float:
    """The same steps as in SQL: beyond 2^53 the millionths are cut off, which no 64-bit float could tell."""
    exact = total[1] * MILLION + total[2]
    if abs(exact) < EXACT:
        return exact / MILLION
    return float(abs(exact) // MILLION * (1 if exact > 0 else -1))


def _avg(total: Total) -> float | None:
    return _sum(total) / total[0] if total[0] else None


SUM = Gather(entry=_entry, start=lambda: [0, 0, 0], add=_add, join=_join, value=_sum)
AVG = Gather(entry=_entry, start=lambda: [0, 0, 0], add=_add, join=_join, value=_avg)
