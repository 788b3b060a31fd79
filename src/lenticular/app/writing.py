"""Accepted events go to disk: all that wait at the same time share one fsync (ADR 0004)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from lenticular.errors import Problem, StoreError
from lenticular.ports import Journal
from lenticular.profiles.event import Event
from lenticular.profiles.sheet import Sheet

_log = logging.getLogger(__name__)

Offered = Sequence[Event] | Sheet
_Group = list[tuple[Offered, asyncio.Future[None]]]


class Writing:
    """What is accepted, on its way into the journal. `written` is told the number of the first of some events that are.

    `waiting` says how many are not yet; `trouble` why the newest were refused, "" if they were not.
    """

    def __init__(self, journal: Journal, written: Callable[[int, Offered], None]) -> None:
        self._journal, self._written = journal, written
        self._group: _Group = []
        self._thread = ThreadPoolExecutor(1, "journal")
        self._arrived = asyncio.Event()
        self._closed = False
        self.waiting, self.trouble = 0, ""

    async def accept(self, events: Offered) -> None:
        """Return when events are on disk, in the order in which this was called. Raises StoreError."""
        if self._closed:
            raise _closed()
        if not len(events):
            return
        done = asyncio.get_running_loop().create_future()
        self._group.append((events, done))
        self.waiting += len(events)
        self._arrived.set()
        await done

    async def run(self) -> None:
        """Write what comes, until cancelled."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._group:
                # All events that wait go together; a sheet goes by itself.
                sheets = [at for at, (events, _) in enumerate(self._group) if isinstance(events, Sheet)]
                end = max(sheets[0], 1) if sheets else len(self._group)
                group, self._group = self._group[:end], self._group[end:]
                await self._write(group)

    def refuse(self) -> None:
        """Take nothing any more."""
        self._closed = True

    def close(self) -> None:
        """Refuse what is not written; to be called when `run` has ended."""
        for _, done in self._group:
            if not done.done():
                done.set_exception(_closed())
        self._thread.shutdown()

    async def _write(self, group: _Group) -> None:
        head = group[0][0]
        events: Offered = head if isinstance(head, Sheet) else [each for some, _ in group for each in _list(some)]
        loop = asyncio.get_running_loop()
        try:
            numbers = await loop.run_in_executor(self._thread, partial(self._append, events))
        except asyncio.CancelledError:
            self._group = group + self._group
            raise
        except Exception as error:
            _log.exception("%d events could not be written to the journal and were refused.", len(events))
            self.trouble = "Events can't be written to the journal; they are refused."
            _settle(group, error)
        else:
            self._written(numbers.start, events)
            self.trouble = ""
            _settle(group, None)
        self.waiting -= len(events)

    def _append(self, events: Offered) -> range:
        return self._journal.append_sheet(events) if isinstance(events, Sheet) else self._journal.append(events)


def _list(events: Offered) -> Sequence[Event]:
    return list(events.events()) if isinstance(events, Sheet) else events


def _settle(group: _Group, error: Exception | None) -> None:
    for _, done in group:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        elif isinstance(error, StoreError):
            done.set_exception(StoreError(*error.problems))
        else:
            done.set_exception(
                StoreError(Problem("journal_failed", "The events could not be written.", "", "Try again."))
            )


def _closed() -> StoreError:
    return StoreError(Problem("stopping", "The server is stopping.", "", "Try again in a moment."))
