"""`count`: how many events."""

from lenticular.criteria.tally.gather import Gather, time_only

COUNT = Gather(
    entry=time_only,
    start=int,
    add=lambda total, entry: total + 1,
    join=lambda one, other: one + other,
    value=float,
)
