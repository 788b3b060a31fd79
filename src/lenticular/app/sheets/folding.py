"""A sheet is folded: run by run, in slices of the event loop; what is no run goes event by event."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec

from lenticular.app.sheets.waiting import Waiting
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold
from lenticular.profiles.laid import Laid

Apply = Callable[[Fold, int, Event], str | None]
"""Folds an event; returns `folded`, `duplicate`, or None for one that could not be folded."""


class Folded(msgspec.Struct):
    """How many events of a sheet had come before, and how many could not be folded."""

    duplicates: int = 0
    skipped: int = 0


async def fold_sheet(fold: Fold, waiting: Waiting, laid: Laid, apply: Apply, slice_: float) -> Folded:
    """Move a sheet into a fold, so many seconds of the loop at a time; if the store fails, all of it waits again.

    Raises StoreError.
    """
    found = Folded()
    new = len(set(laid.marks)) == len(laid.marks) and not fold.has_seen(laid.marks)
    began = time.perf_counter()
    try:
        for start, stop in laid.runs:
            if not (new and start not in laid.odd and fold.apply_rows(laid, start, stop)):
                for row in range(start, stop):
                    done = apply(fold, laid.first + row, laid.sheet.event(row))
                    found.skipped += done is None
                    found.duplicates += done == "duplicate"
            waiting.done = stop
            if time.perf_counter() - began > slice_:
                await asyncio.sleep(0)
                began = time.perf_counter()
    except BaseException:
        waiting.done = 0
        raise
    return found
