"""One thing that screens are told, and whoever listens."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Literal

import msgspec

Kind = Literal["published", "job", "draft", "editing", "count", "reset", "end"]
"""`reset`: something was missed, load the page's data again. `end`: whoever listens may not do so any more."""
MOST_WAITING = 200
"""So many notices may wait for someone who reads slowly."""


class Notice(msgspec.Struct, frozen=True):
    """`data` is JSON. With an `id`, a listener that was away is told later; without, only the newest of a kind counts
    that is `about` the same.

    The form on the wire is that of Server-Sent Events (html.spec.whatwg.org, 9.2).
    """

    kind: Kind
    data: bytes
    id: str = ""
    about: str = ""

    @property
    def wire(self) -> bytes:
        """The bytes that are sent."""
        head = f"event: {self.kind}\n" + (f"id: {self.id}\n" if self.id else "")
        return head.encode() + b"data: " + self.data + b"\n\n"


class Listener:
    """Someone who listens. What waits for them is bounded: beyond, they are told to load everything anew."""

    def __init__(self, who: str, begin: str, abort: Callable[[], None]) -> None:
        self.who = who
        self.begin = begin
        """The id from which to go on if the connection breaks before anything was said."""
        self.abort = abort
        """Closes the connection, whatever is still to be written."""
        self.over = False
        self.writing: float | None = None
        """Since when (seconds of the loop) the connection has not taken what it is given."""
        self._waiting: deque[Notice] = deque()
        self._news = asyncio.Event()

    def offer(self, notice: Notice) -> bool:
        """Add a notice; False, and that was the last, if too many wait."""
        if self.over:
            return False
        if not notice.id:
            same = (notice.kind, notice.about)
            for old in [one for one in self._waiting if (one.kind, one.about) == same and not one.id]:
                self._waiting.remove(old)
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self.end(Notice("reset", b'{"reason":"slow"}'))
            return False
        self._waiting.append(notice)
        self._news.set()
        return True

    def end(self, last: Notice | None = None) -> None:
        """Say what is last, and no more."""
        if last is not None:
            self._waiting.append(last)
        self.over = True
        self._news.set()

    async def next(self, patience: float) -> list[Notice]:
        """Return what waits, as soon as something does; nothing after so many seconds, or at the end."""
        if not self._waiting and not self.over:
            try:
                async with asyncio.timeout(patience):
                    await self._news.wait()
            except TimeoutError:
                return []
        found = list(self._waiting)
        self._waiting.clear()
        if not self.over:
            self._news.clear()
        return found
