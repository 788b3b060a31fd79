"""Flush: rows go from the outbox to the events store in batches, each exactly once (DESIGN §5)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

import msgspec

from lenticular.errors import EventsUnavailableError, LenticularError
from lenticular.ports import Batch, Events, ProfileStore
from lenticular.stores.streams import is_stream, lines_in

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

INTERVAL = 1.0
"""Seconds between two flushes, unless `MAX_ROWS` wait."""
MAX_ROWS = 50_000
MAX_REFUSED = 100
"""Rows of one batch that are set aside. More are no bad rows but a table that does not fit: the batch waits."""
_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0)


class Flusher:
    """Sends what waits in the outbox of one site. Runs on one event loop; `poke` is for the collector's commits."""

    def __init__(self, profiles: ProfileStore, events: Events, interval: float = INTERVAL) -> None:
        self._profiles = profiles
        self._events = events
        self._interval = interval
        self._thread = ThreadPoolExecutor(1, "outbox")
        self._many = asyncio.Event()
        self._flushing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.failures = 0
        """How many tries in a row the events store has not answered; 0 when it does."""

    async def open(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._flush_on())

    async def close(self) -> None:
        """Stop. What was not sent waits in the outbox; a batch that is on its way is sent again, and counts once."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._thread.shutdown()

    def poke(self) -> None:
        """Flush now if a full batch waits."""
        if self._profiles.waiting() >= MAX_ROWS:
            self._many.set()

    async def drain(self, patience: float = 30.0, upto: int | None = None) -> None:
        """Return when no row of an event up to this sequence number waits any more; None: of all folded by now.

        Raises EventsUnavailableError when the events store does not answer for `patience` seconds.
        """
        now = asyncio.get_running_loop().time
        answered, tries = now(), 0
        last = self._profiles.folded() if upto is None else upto
        while (first := self._profiles.unsent()) is not None and first <= last:
            try:
                await self._flush()
                answered, tries = now(), 0
            except EventsUnavailableError:
                if now() - answered >= patience:
                    raise
                await asyncio.sleep(_back_off(tries))
                tries += 1

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Hold the flushing still: what the events store has, and what waits, stays as it is."""
        async with self._flushing:
            yield

    async def _flush_on(self) -> None:
        while True:
            if self._profiles.waiting() < MAX_ROWS or self.failures:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._interval):
                        await self._many.wait()
            self._many.clear()
            try:
                await self._flush()
            except LenticularError as error:
                if not self.failures:
                    _log.warning("Rows wait for the events store: %s.", error.codes)
                await asyncio.sleep(_back_off(self.failures))
                self.failures += 1
            else:
                self.failures = 0

    async def _flush(self) -> None:
        async with self._flushing:
            for batch in await self._ask(lambda: self._profiles.cut(MAX_ROWS)):
                await self._send(batch)

    async def _send(self, batch: Batch) -> None:
        try:
            await self._events.insert(batch)
        except EventsUnavailableError:
            raise
        except LenticularError as error:
            text = await self._ask(lambda: lines_in(batch.lines)) if is_stream(batch.lines) else batch.lines
            await self._bisect(batch, text.split(b"\n"), 0, error, [])
        await self._ask(lambda: self._profiles.done(batch))

    async def _bisect(
        self, batch: Batch, lines: list[bytes], at: int, error: LenticularError, refused: list[int]
    ) -> None:
        """Send a refused batch in halves, down to the rows that are refused by themselves: these are set aside.

        The halves are cut alike every time, so each has a token of its own that counts once.
        """
        if len(lines) == 1:
            refused.append(at)
            if len(refused) > MAX_REFUSED:
                raise error
            alone = _part(batch, lines, at)
            await self._ask(lambda: self._profiles.quarantine(alone, str(error)))
            _log.error("A row is refused and set aside: %s, batch %s.", error.codes, alone.token)
            return
        middle = len(lines) // 2
        for half, first in ((lines[:middle], at), (lines[middle:], at + middle)):
            try:
                await self._events.insert(_part(batch, half, first))
            except EventsUnavailableError:
                raise
            except LenticularError as again:
                await self._bisect(batch, half, first, again, refused)

    async def _ask(self, ask: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, ask)


def _part(batch: Batch, lines: list[bytes], at: int) -> Batch:
    return msgspec.structs.replace(batch, rows=len(lines), lines=b"\n".join(lines), part=f"/{at}-{at + len(lines) - 1}")


def _back_off(tries: int) -> float:
    return _BACK_OFF[min(tries, len(_BACK_OFF) - 1)]
