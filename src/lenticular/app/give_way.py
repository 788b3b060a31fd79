"""Let decisions go first: what works in a thread beside the event loop holds the interpreter for a moment only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

_ROWS = 50
_PAUSE = 1e-4
"""Seconds. Shorter, and this thread has the interpreter back before the one that waits for it has woken up."""


def give_way() -> None:
    """Let another thread go on, if one waits."""
    time.sleep(_PAUSE)


def politely(rows: Iterable[T]) -> Iterator[T]:
    """Yield rows, and give way every now and then."""
    for at, row in enumerate(rows, 1):
        yield row
        if at % _ROWS == 0:
            give_way()
