"""`sequence`: whether steps happened one after the other.

The same dynamic programme as in SQL: for each length k the latest start of a chain of k steps, so that the shortest
span is found; each step is strictly later than the one before, so one event fills one step.
"""

from __future__ import annotations

from collections.abc import Sequence as Several
from itertools import groupby

from lenticular.criteria.tally.gather import when

Marked = list[int]
"""Time (ms), and a bit for each step that an event can fill; the bit after the last step's is that of `without`."""


def happened(entries: Several[Marked], steps: int, span: int | None, first: int, end: int, now: int) -> bool:
    """Return whether a chain lies in `first <= time < end` and no `without` follows it up to now.

    `entries` in the order of time; `span` in ms, inclusive.
    """
    starts: list[int | None] = [None] * steps
    done: int | None = None
    after: int | None = None
    for time, together in groupby(entries, when):
        if time > now:
            break
        mask = 0
        for _, bits in together:
            mask |= bits
        if mask >> steps:
            after = time
        if first <= time < end:
            for step in reversed(range(steps)):
                start = time if step == 0 else starts[step - 1]
                if start is None or not mask >> step & 1:
                    continue
                if step == steps - 1 and (span is None or time - start <= span):
                    done = time
                before = starts[step]
                starts[step] = start if before is None else max(start, before)
    return done is not None and (after is None or after <= done)
