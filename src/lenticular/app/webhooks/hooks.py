"""The webhooks of an installation, put together: who watches, who makes deliveries, who sends them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

import msgspec

from lenticular.app.jobs.segment_sizes import SegmentSizesKind
from lenticular.app.site import LiveSite
from lenticular.app.webhooks.courier import Courier
from lenticular.app.webhooks.rounds import Rounds
from lenticular.app.webhooks.send import Sender
from lenticular.app.webhooks.teller import Teller
from lenticular.errors import LenticularError
from lenticular.jobs.job import Job
from lenticular.ports import Clock, WebhookStore
from lenticular.settings import OFF, PREFIX, Settings
from lenticular.webhooks.address import networks_of
from lenticular.webhooks.webhook import Webhook

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Home(Protocol):
    """What an installation gives."""

    sites: dict[str, LiveSite]
    clock: Clock
    new_id: Callable[[], str]

    @property
    def to_read(self) -> bool:
        """Whether its folder can't be written to."""

    def in_store(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Ask the database in a thread of its own."""


class Hooks:
    """Webhooks of all sites."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.courier = Courier(home.sites, Sender(), home.clock, home.in_store)
        self.teller = Teller(home.sites, self.courier.wake)
        self.rounds: dict[str, Rounds] = {}
        self._store: WebhookStore | None = None
        self._following: set[asyncio.Task[None]] = set()
        self.courier.switched_off.append(self._switched_off)

    @property
    def store(self) -> WebhookStore:
        """Where they are kept; there once the installation is open."""
        if self._store is None:
            raise RuntimeError("The installation is not open.")
        return self._store

    def allow(self, settings: Settings) -> None:
        """Let networks be asked beside public addresses. Raises LenticularError for a setting that names none."""
        text = settings.webhook_networks
        allowed = () if text == OFF else networks_of(text, f"{PREFIX}WEBHOOK_NETWORKS")
        self.courier.sender = Sender(allowed)

    def use(self, store: WebhookStore) -> None:
        """Keep them here."""
        self._store = store

    async def attach(self, site: LiveSite) -> None:
        """Watch a site that is about to open: also what is folded then may move people. Raises StoreError.

        In a folder that can't be written to nothing is folded for good, and nobody is told.
        """
        if self.home.to_read:
            return
        webhooks = await self.home.in_store(self.store.webhooks, site.key)
        await self.home.in_store(self.store.begin_moves, site.key, site.stores.profiles.told.last_move())
        rounds = Rounds(site, partial(self.teller.wake, site.key))
        rounds.begin(webhooks)
        site.on_published.append(lambda _: self.teller.wake(site.key))
        site.on_renamed.append(partial(self._renamed, site))
        self.rounds[site.key] = rounds

    def opened(self, site: LiveSite) -> None:
        """Go on with a site that is open."""
        if site.key in self.rounds:
            self.rounds[site.key].start()
            self.teller.wake(site.key)

    def start(self) -> None:
        """Begin to tell and to send."""
        self.teller.open(self.store)
        self.courier.open(self.store)

    async def stop(self) -> None:
        """Stop; what was not told or sent is told and sent after the next start."""
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
        await self.courier.stop()
        await self.teller.stop()
        for rounds in self.rounds.values():
            await rounds.close()

    async def changed(self, site: LiveSite) -> None:
        """Watch what the webhooks of a site ask for by now. Raises StoreError."""
        if site.key in self.rounds:
            await self.rounds[site.key].follow(await self.home.in_store(self.store.webhooks, site.key))
            self.teller.wake(site.key)

    async def _renamed(self, site: LiveSite, keys: dict[str, str]) -> None:
        """Let webhooks name segments by their new keys. What can't be written now is said where webhooks are listed."""
        try:
            for one in await self.home.in_store(self.store.webhooks, site.key):
                named = tuple(dict.fromkeys(keys.get(segment, segment) for segment in one.segments))
                if named != one.segments:
                    after = msgspec.structs.replace(one, segments=named, revision=one.revision + 1)
                    await self.home.in_store(self.store.put, after, one.revision)
            await self.changed(site)
        except LenticularError as error:
            _log.error("Webhooks name segments by old keys: %s.", error.codes, extra={"site": site.key})

    async def settled(self) -> None:
        """Return when what was begun in passing is done."""
        while self._following:
            await asyncio.wait(set(self._following))

    async def moved(self, site: str, segment: str, joined: list[int], left: list[int], at: int) -> None:
        """The members of a segment were counted, and some joined or left since the time before."""
        if site in self.rounds:
            await self.rounds[site].time_moved(segment, joined, left, at)

    def job(self, job: Job) -> None:
        """A job has changed."""
        self.teller.job(job)
        if job.kind == SegmentSizesKind.name and job.state == "done" and job.site in self.rounds:
            self._in_passing(self.rounds[job.site].counted(int(job.result.get("at", self.home.clock()))))

    def _switched_off(self, webhook: Webhook) -> None:
        self._in_passing(self.changed(self.home.sites[webhook.site]))

    def _in_passing(self, what: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(what)
        self._following.add(task)
        task.add_done_callback(self._following.discard)
