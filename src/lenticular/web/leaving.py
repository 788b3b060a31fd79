"""What answers to visitors leave behind: events, accepted while nobody waits for the disk."""

from __future__ import annotations

import asyncio
import logging

from lenticular.app.site import LiveSite
from lenticular.profiles.event import Event

_log = logging.getLogger(__name__)


class Leaving:
    """Accepts events behind answers that are on their way already."""

    def __init__(self) -> None:
        self._kept: set[asyncio.Task[None]] = set()

    def keep(self, site: LiveSite, events: list[Event]) -> None:
        """Accept events soon; what can't be kept is logged."""
        if events:
            task = asyncio.ensure_future(site.accept(events))
            self._kept.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._kept.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.warning("A visit could not be kept.", exc_info=error)

    async def settle(self) -> None:
        """Return when everything that was left behind is accepted."""
        await asyncio.gather(*self._kept, return_exceptions=True)
