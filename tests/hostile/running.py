"""The shop in a thread of its own, for those who ask one request after the other."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

from tests.hostile.undisturbed import Undisturbed
from tests.web.shop import Shop, open_shop

_PATIENCE = 60


class Running:
    """Starts and stops it; what it holds may be looked at in between."""

    def __init__(self, folder: Path) -> None:
        self.url = ""
        self._folder = folder
        self._disturbed: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._ready, self._stop = threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def start(self) -> None:
        """Return when it answers."""
        self._thread.start()
        assert self._ready.wait(_PATIENCE)

    def stop(self) -> None:
        """Return when it is closed. Fails if others were disturbed by what came."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive()
        self._loop.close()
        if self._disturbed is not None:
            raise self._disturbed

    async def _serve(self) -> None:
        async with open_shop(self._folder) as shop:
            await _some_people(shop)
            watching = Undisturbed(shop)
            self.url = shop.url
            self._ready.set()
            await self._stop.wait()
            try:
                await watching.look()
            except BaseException as error:
                self._disturbed = error


async def _some_people(shop: Shop) -> None:
    for number in range(5):
        await shop.track(f"a{number}", "Bought", properties={"price": 20})
    await shop.ask("segments/guests/members", anonymousIds=["a1"])
    await shop.ask("settle")
