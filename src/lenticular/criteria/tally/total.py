"""`sum` and `avg`: exact, in integers of millionths, so that no order of adding changes them."""

from __future__ import annotations

from collections.abc import Callable

from lenticular.criteria.measures import EXACT, LARGEST_SUMMED, MILLION
from lenticular.criteria.tally.gather import Columns, Gather

Total = list[int]
"""How many, and their sum in whole parts and millionths (0 … 999,999): each fits 64 bits."""


def millionths(value: float) -> int | None:
    """Return a number in millionths, half to even; None for one that is too large to be summed."""
    return round(value * MILLION) if abs(value) <= LARGEST_SUMMED else None


def total(exact: int) -> float:
    """Return a sum of millionths as a number.

    The same steps as in SQL: beyond 2^53 the millionths are cut off, which no 64-bit float could tell.
    """
    if abs(exact) < EXACT:
        return exact / MILLION
    return float(abs(exact) // MILLION * (1 if exact > 0 else -1))


def _gather(read: Callable[[int, int], float | None]) -> Gather:
    """`read` takes how many there are and their exact sum."""

    def add(found: Total, time: int, tie: int, value: int) -> Total:
        whole, part = divmod(found[2] + value, MILLION)
        return [found[0] + 1, found[1] + whole, part]

    def join(one: Total, other: Total) -> Total:
        whole, part = divmod(one[2] + other[2], MILLION)
        return [one[0] + other[0], one[1] + other[1] + whole, part]

    def over(columns: Columns, first: int, end: int) -> float | None:
        return read(end - first, sum(columns[1][first:end]))

    return Gather(2, lambda: [0, 0, 0], add, join, lambda found: read(found[0], found[1] * MILLION + found[2]), over)


SUM = _gather(lambda many, exact: total(exact))
AVG = _gather(lambda many, exact: total(exact) / many if many else None)
