"""How long to wait before a process that died is started again."""

from __future__ import annotations


class Backoff:
    """Waits double from `first` to `most` seconds; a life of more than `good` seconds starts over."""

    def __init__(self, first: float = 0.2, most: float = 10.0, good: float = 60.0) -> None:
        self._first = first
        self._most = most
        self._good = good
        self._next = first

    def pause(self, lived: float) -> float:
        """Return the seconds to wait after a life of `lived` seconds."""
        if lived > self._good:
            self._next = self._first
        pause, self._next = self._next, min(self._next * 2, self._most)
        return pause
