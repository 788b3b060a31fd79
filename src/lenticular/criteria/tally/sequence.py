"""`sequence`: whether steps happened one after the other.

The same dynamic programme as in SQL: for each length k the latest start of a chain of k steps, so that the shortest
span is found; each step is strictly later than the one before, so one event fills one step.
"""

from __future__ import annotations

from lenticular.criteria.tally.columns import between, due
from lenticular.criteria.tally.gather import Columns
from lenticular.criteria.window import EVER


def happened(marked: Columns, steps: int, span: int | None, first: int, end: int) -> int | None:
    """Return when the last chain of all steps ended that lies in `first <= time < end`, None if there is none.

    `marked` are times (ms) and a bit for each step that an event can fill; `span` in ms, inclusive.
    """
    times, masks = marked
    at, stop = between(marked, first, end)
    starts, last, done = [EVER] * steps, steps - 1, None
    while at < stop:
        time, mask = times[at], masks[at]
        at += 1
        while at < stop and times[at] == time:  # of one moment none is before the other
            mask |= masks[at]
            at += 1
        if mask >> last & 1:
            start = starts[last - 1] if last else time
            if start > EVER and (span is None or time - start <= span):
                done = time
        for step in range(last - 1, 0, -1):
            if mask >> step & 1 and starts[step - 1] > starts[step]:
                starts[step] = starts[step - 1]
        if mask & 1:
            starts[0] = time
    return done


def broken(marked: Columns, steps: int, done: int, now: int) -> bool:
    """Return whether an event of `without` (the bit after the last step's) came after `done`, up to now."""
    times, masks = marked
    at = due(marked, now) - 1
    while at >= 0 and times[at] > done:
        if masks[at] >> steps:
            return True
        at -= 1
    return False
