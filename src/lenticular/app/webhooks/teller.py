"""The teller: makes deliveries of what happened. It reads where everything is written down already, and notes how far.

Nothing waits for it: who publishes, folds or ends a job wakes it, and a crash in between loses nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from lenticular.app.site import LiveSite
from lenticular.app.webhooks.parts import of_job, of_parts, of_publication, parts_of
from lenticular.catalog.stored import Body, Revision
from lenticular.errors import LenticularError
from lenticular.jobs.job import Job
from lenticular.ports import WebhookStore
from lenticular.webhooks.delivery import Delivery
from lenticular.webhooks.webhook import Webhook

_GATHER = 0.5
"""Seconds in which what happens comes together: many people are told of in one request."""
_AGAIN = 2.0
_MOVES = 5_000
_log = logging.getLogger(__name__)


class Teller:
    """Makes deliveries for the open sites of an installation. `sent` is called when there are new ones."""

    def __init__(self, sites: Mapping[str, LiveSite], sent: Any) -> None:
        self._sites, self._sent = sites, sent
        self._store: WebhookStore | None = None
        self._wanted: set[str] = set()
        self._failed: list[Job] = []
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def open(self, store: WebhookStore) -> None:
        """Begin with what happened before."""
        self._store = store
        self._task = asyncio.create_task(self._loop())
        for key in self._sites:
            self.wake(key)

    def wake(self, site: str) -> None:
        """Something happened at a site."""
        self._wanted.add(site)
        self._news.set()

    def job(self, job: Job) -> None:
        """A job has changed."""
        if job.state == "failed":
            self._failed.append(job)
            for key in [job.site] if job.site else list(self._sites):
                self.wake(key)

    async def stop(self) -> None:
        """Stop; what is not told yet is told after the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _loop(self) -> None:
        while True:
            await self._news.wait()
            await asyncio.sleep(_GATHER)
            self._news.clear()
            wanted, self._wanted = self._wanted, set()
            failed, self._failed = self._failed, []
            for key in sorted(wanted & self._sites.keys()):
                try:
                    await self.tell(self._sites[key], failed)
                except LenticularError as error:
                    _log.warning("Webhooks are told later: %s.", error.codes, extra={"site": key})
                    self._later(key, failed)
                except Exception:
                    _log.exception("Webhooks are told later.", extra={"site": key})
                    self._later(key, failed)

    def _later(self, site: str, failed: list[Job]) -> None:
        self._failed += [one for one in failed if one.site in (site, "")]
        asyncio.get_running_loop().call_later(_AGAIN, self.wake, site)

    async def tell(self, site: LiveSite, failed: list[Job]) -> None:
        """Make the deliveries of what happened at a site since the last time. Raises StoreError."""
        if self._store is None:
            return
        webhooks = [one for one in await site.in_store(self._store.webhooks, site.key) if one.on]
        for webhook in webhooks:
            await self._tell_one(self._store, site, webhook, failed)
        while await self._tell_moves(self._store, site, webhooks):
            pass
        if webhooks:
            self._sent()

    async def _tell_one(self, store: WebhookStore, site: LiveSite, webhook: Webhook, failed: list[Job]) -> None:
        """Tell one webhook of publications and failed jobs."""
        place, ended, now = webhook.place, webhook.ended, site.clock()
        new: list[Delivery] = []
        for at, publication, brought in await site.in_store(store.published_since, site.key, place):
            before = await self._before(site, brought) if "experience.published" in webhook.events else {}
            new += of_publication(webhook, publication, brought, before, now)
            place = at
        jobs = {(one.id, one.ended): one for one in failed if one.site in (site.key, "")}
        for one in await site.in_store(store.failed_since, site.key, ended):
            jobs[one.id, one.ended] = one
            ended = max(ended, one.ended or 0)
        if "job.failed" in webhook.events:
            new += [of_job(webhook, one, now) for one in jobs.values()]
        if new or (place, ended) != (webhook.place, webhook.ended):
            await site.in_store(store.told, webhook, place, ended, new)
        if place != webhook.place:
            self.wake(site.key)  # perhaps there is more

    async def _before(self, site: LiveSite, brought: list[Revision]) -> dict[str, Body]:
        """Return the bodies that pages and slots had before a publication, by their ids."""
        found: dict[str, Body] = {}
        for one in brought:
            if one.kind in ("pages", "slots") and one.number > 1:
                was = await site.in_store(site.stores.catalogs.revision, one.definition, one.number - 1)
                if was is not None and was.body is not None and was.state == "live":
                    found[one.definition] = was.body
        return found

    async def _tell_moves(self, store: WebhookStore, site: LiveSite, webhooks: list[Webhook]) -> bool:
        """Tell of some moves; return whether there may be more."""
        told = site.stores.profiles.told
        upto = await site.in_store(store.moved, site.key)
        found = await asyncio.to_thread(told.moves, upto, _MOVES)
        if not found:
            return False
        parts, now = parts_of(move for _, move in found), site.clock()
        new = [one for webhook in webhooks for one in of_parts(webhook, parts, site.new_id, now)]
        upto = found[-1][0]
        await site.in_store(store.told_moves, site.key, upto, new)
        with suppress(LenticularError):  # they are passed over next time
            await asyncio.to_thread(told.forget_moves, upto)
        return len(found) == _MOVES
