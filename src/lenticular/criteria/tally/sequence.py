"""`sequence`: whether steps happened one after the other.

The same dynamic programme as in SQL: for each length k the latest start of a chain of k steps, so that the shortest
span is found; each step is strictly later than the one before, so one event fills one step.
"""

from __future__ import annotations

from lenticular.criteria.tally.gather import Columns


def happened(marked: Columns, steps: int, span: int | None, first: int, end: int, now: int) -> bool:
    """Return whether a chain lies in `first <= time < end` and no `without` follows it up to now.

    `marked` are times (ms) and a bit for each step that an event can fill; the bit after the last step's is that of
    `without`. `span` in ms, inclusive.
    """
    starts: list[int | None] = [None] * steps
    done: int | None = None
    after: int | None = None
    times, masks = marked
    at = 0
    while at < len(times) and times[at] <= now:
        time, mask = times[at], 0
        while at < len(times) and times[at] == time:
            mask |= masks[at]
            at += 1
        if mask >> steps:
            after = time
        if first <= time < end and _advance(starts, time, mask, span):
            done = time
    return done is not None and (after is None or after <= done)


def _advance(starts: list[int | None], time: int, mask: int, span: int | None) -> bool:
    """Lengthen the chains by what happened at one moment; return whether a whole one ended there."""
    whole = False
    last = len(starts) - 1
    for step in range(last, -1, -1):
        start = time if step == 0 else starts[step - 1]
        if start is None or not mask >> step & 1:
            continue
        whole = whole or (step == last and (span is None or time - start <= span))
        before = starts[step]
        starts[step] = start if before is None else max(start, before)
    return whole
