"""`count`: how many events."""

from lenticular.criteria.tally.gather import Gather

COUNT = Gather(
    columns=1,
    start=int,
    add=lambda total, time, tie, value: total + 1,
    join=lambda one, other: one + other,
    value=float,
    over=lambda columns, first, end: float(end - first),
)
