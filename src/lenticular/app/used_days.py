"""On which days something was used: held in memory, and written down every minute."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from lenticular.errors import LenticularError

_PAUSE = 60
_log = logging.getLogger(__name__)


class UsedDays:
    """The days (ms) that the database does not know yet, in `unnoted` by id; `write` takes some of them there."""

    def __init__(self, what: str, write: Callable[[dict[str, int]], Awaitable[None]]) -> None:
        self.unnoted: dict[str, int] = {}
        self._what, self._write = what, write
        self._noting: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Write down every minute from now on."""
        self._noting = asyncio.create_task(self._note_often())

    async def close(self) -> None:
        """Stop, with everything written down."""
        if self._noting is not None:
            self._noting.cancel()
            await asyncio.gather(self._noting, return_exceptions=True)
            with suppress(LenticularError):  # a database that is gone loses a day of a list
                await self.note()

    async def note(self) -> None:
        """Write down what is not there yet. Raises StoreError."""
        if days := dict(self.unnoted):
            await self._write(days)
            for identity, day in days.items():
                if self.unnoted.get(identity) == day:
                    del self.unnoted[identity]

    async def _note_often(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                await self.note()
            except LenticularError as error:
                _log.warning("When %s were used is noted later: %s.", self._what, error.codes)
