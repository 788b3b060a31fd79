"""A site that takes events all the time, to be backed up meanwhile; and what must be true of any copy of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from lenticular.app.open import Installation, installation
from lenticular.app.publish import publish
from lenticular.app.site import LiveSite
from lenticular.catalog.site import Site
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold
from lenticular.stores.sqlite.profiles import SqliteProfiles
from lenticular.web.now import new_id, now
from tests.decide.world import catalog_of

KEY = "shop"
CATALOG = msgspec.structs.replace(
    catalog_of(segments={"keen": {"rule": 'count("Ping", n > 2) >= 3'}}),
    site=Site(key=KEY, timezone="Europe/Madrid", write_key="w"),
)
PEOPLE = 20


def ping(number: int) -> Event:
    """One of a row of events that are all different, of people who turn out to be the same now and then."""
    person, moment = number % PEOPLE, now()
    message = f"m{number}"
    if number % 31 == 0:
        return Event("identify", message, moment, moment, f"a{person}", f"u{person % 7}", traits={"n_age": 1.0})
    return Event("track", message, moment, moment, f"a{person}", name="Ping", properties={"n_n": float(number % 5)})


class Busy:
    """Accepts events until told to stop; `accepted` is how many are on disk."""

    def __init__(self, site: LiveSite, first: int = 0) -> None:
        self._site, self.accepted, self._on = site, first, False

    async def some(self, count: int) -> None:
        await self._site.accept([ping(self.accepted + each) for each in range(count)])
        self.accepted += count

    @asynccontextmanager
    async def on(self) -> AsyncIterator[None]:
        """Go on for the length of a block, and at least two batches more."""
        self._on = True
        more = asyncio.create_task(self._forever())
        try:
            yield
            before = self.accepted
            async with asyncio.timeout(60):
                while self.accepted < before + 40:
                    await asyncio.sleep(0.005)
        finally:
            self._on = False
            await more

    async def _forever(self) -> None:
        while self._on:
            await self.some(20)
            await asyncio.sleep(0.001)


@asynccontextmanager
async def opened_shop(data: Path) -> AsyncIterator[tuple[Installation, LiveSite]]:
    """A folder with the site, open; created if need be."""
    async with installation(data, now, new_id, create=True) as opened:
        if KEY not in opened.sites:
            await publish(await opened.ensure(CATALOG.site), CATALOG)
        yield opened, opened.site(KEY)


async def check_whole(site: LiveSite, folder: Path) -> int:
    """The log has each event of the journal once, the profiles are a fresh fold of it; return how many there are."""
    await site.settle()
    await site.backfill.complete()
    rows = await site.stores.events.query("SELECT seq, message_id, profile_id FROM events ORDER BY seq", {})
    journal = site.stores.journal.read(0, 10**9)
    told_of = [(seq, event.message_id) for seq, event in journal if event.type != "visit"]
    assert [(seq, message_id) for seq, message_id, _ in rows] == told_of
    fresh = SqliteProfiles(folder)
    try:
        fold = Fold(fresh, site.engine.snapshot.calendar, fresh.properties(), site.backfill.plan)
        for seq, event in journal:
            fold.apply(seq, event)
        fresh.commit(fold.result(site.stores.journal.last()))
        counted = site.engine.segments.plan.tallies  # what was counted once stays until a profile is written again
        told, live = (
            [
                (each.id, each.names, each.version, {key: each.tallies[key] for key in each.tallies if key in counted})
                for each in profiles.everyone()
            ]
            for profiles in (fresh, site.stores.profiles)
        )
        assert live == told
    finally:
        fresh.close()
    [(people,)] = await site.stores.events.query("SELECT count() FROM profiles FINAL WHERE gone = 0", {})
    assert people == len(told)
    return len(told_of)
