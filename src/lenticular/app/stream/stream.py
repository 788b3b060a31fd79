"""The stream of one site: what happens is said to whoever listens, and kept for a while for those who were away."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec

from lenticular.app.stream.notice import Kind, Listener, Notice
from lenticular.app.stream.presence import Presence
from lenticular.app.stream.told import told_job
from lenticular.errors import LenticularError, Problem
from lenticular.jobs.job import Job, State
from lenticular.ports import Clock

MOST_LISTENERS = 500
MOST_EACH = 20
"""So many streams of a site one user or token may have open: a tab needs one."""
_KEPT = 256
_TICK = 1.0
_STUCK = 30.0
"""Seconds that a connection may take nothing: then it is cut."""


class FullError(LenticularError):
    """Nobody else can listen now."""


class Stream:
    """Runs on one event loop. Telling something costs next to nothing, and waits for nobody.

    `measure` returns the live counts; it is called once a second, and only while somebody listens.
    """

    def __init__(self, clock: Clock, boot: str, measure: Callable[[float], dict[str, Any]]) -> None:
        self.presence = Presence(clock, lambda: self.say("editing", {"editing": self.presence.all()}))
        self._boot, self._last = boot[:16], 0
        self._measure = measure
        self._kept: deque[Notice] = deque(maxlen=_KEPT)
        self._listeners: set[Listener] = set()
        self._ticking: asyncio.Task[None] | None = None
        self._counts: dict[str, Any] = {}
        self._jobs: dict[int, State] = {}
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def tell(self, kind: Kind, data: Any) -> None:
        """Tell something that nobody must miss."""
        self._last += 1
        notice = Notice(kind, msgspec.json.encode(data), self._id(self._last))
        self._kept.append(notice)
        self._offer(notice)

    def say(self, kind: Kind, data: Any, about: str = "") -> None:
        """Say how something stands; only the newest such word counts."""
        self._offer(Notice(kind, msgspec.json.encode(data), about=about))

    def job(self, job: Job) -> None:
        """Tell that a job is in another state, or say how far it is."""
        if self._jobs.get(job.id) == job.state:
            self.say("job", told_job(job), str(job.id))
            return
        self._jobs[job.id] = job.state
        while len(self._jobs) > _KEPT:
            del self._jobs[next(iter(self._jobs))]
        self.tell("job", told_job(job))

    def listen(self, who: str, after: str, abort: Callable[[], None]) -> Listener:
        """Begin to listen as someone: from now on, or `after` the notice with this id as far as that is known.

        Raises FullError.
        """
        if self._closed or len(self._listeners) >= MOST_LISTENERS:
            message = "The server is stopping." if self._closed else "Too many listen to this site already."
            raise FullError(Problem("stream.full", message, hint="Try again in a while."))
        if sum(one.who == who for one in self._listeners) >= MOST_EACH:
            hint = "Close some tabs, or try again in a while."
            raise FullError(Problem("stream.full", f"{MOST_EACH} streams of yours are open already.", hint=hint))
        listener = Listener(who, self._id(self._last), abort)
        listener.writing = asyncio.get_running_loop().time()  # until the answer begins
        missed = self._missed(after) if after else []
        for notice in [Notice("reset", b'{"reason":"missed"}', listener.begin)] if missed is None else missed:
            listener.offer(notice)
        listener.offer(Notice("editing", msgspec.json.encode({"editing": self.presence.all()})))
        self._listeners.add(listener)
        if self._ticking is None:
            self._ticking = asyncio.create_task(self._tick())
        elif self._counts:
            listener.offer(Notice("count", msgspec.json.encode(self._counts)))
        return listener

    def leave(self, listener: Listener) -> None:
        """Listen no more."""
        listener.end()
        self._listeners.discard(listener)
        if not self._listeners and self._ticking is not None:
            self._ticking.cancel()
            self._ticking, self._counts = None, {}

    def close(self) -> None:
        """End every connection; nobody can begin to listen any more."""
        self._closed = True
        for listener in list(self._listeners):
            self.leave(listener)

    def _id(self, number: int) -> str:
        return f"{self._boot}-{number}"

    def _missed(self, after: str) -> list[Notice] | None:
        """Return what was told after an id; None if that is not known any more."""
        boot, _, number = after.rpartition("-")
        if boot != self._boot or not (number.isascii() and number.isdecimal() and len(number) < 16):
            return None
        missed = self._last - int(number)
        if not 0 <= missed <= len(self._kept):
            return None
        return list(self._kept)[len(self._kept) - missed :]

    def _offer(self, notice: Notice) -> None:
        for listener in list(self._listeners):
            if not listener.offer(notice):
                self._listeners.discard(listener)

    async def _tick(self) -> None:
        now = asyncio.get_running_loop().time
        before = now()
        self._measure(0.0)
        while True:
            await asyncio.sleep(_TICK)
            self.presence.expire()
            counts, before = self._measure(max(now() - before, 0.001)), now()
            if counts != self._counts:
                self._counts = counts
                self.say("count", counts)
            for listener in list(self._listeners):
                if listener.writing is not None and now() - listener.writing > _STUCK:
                    self._listeners.discard(listener)
                    listener.end()
                    listener.abort()
