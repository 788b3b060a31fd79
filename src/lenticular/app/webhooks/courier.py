"""The courier: sends what waits, in order, one request per webhook at a time, and tries again.

It has a loop of its own beside that of jobs: a job is a row that people look at, and these are hundreds a minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec

from lenticular.accounts.entry import Entry
from lenticular.app.webhooks.send import Answer, Sender
from lenticular.errors import LenticularError
from lenticular.jobs.job import SERVER
from lenticular.ports import Clock, WebhookStore
from lenticular.webhooks.delivery import Attempt, Delivery
from lenticular.webhooks.retry import next_try, seconds_of
from lenticular.webhooks.signature import headers
from lenticular.webhooks.webhook import PATIENCE, Webhook

_LOOK, _REST = 1.0, 30.0
_REST_FIRST, _REST_LAST = 5.0, 600.0
MOST_WAITING = 10_000
"""A webhook for which more wait is switched off."""
_AT_ONCE = 16
_log = logging.getLogger(__name__)


class Courier:
    """Sends for all open sites of an installation. `in_store` asks the database; `switched_off` is told of webhooks.

    `trouble` says why nothing can be sent now, "" if it can.
    """

    def __init__(self, sites: Mapping[str, Any], sender: Sender, clock: Clock, in_store: Any) -> None:
        self._sites, self.sender, self._clock, self._in_store = sites, sender, clock, in_store
        self.switched_off: list[Callable[[Webhook], None]] = []
        self.trouble = ""
        self.tries: defaultdict[tuple[str, str], int] = defaultdict(int)
        """Tries since the start, by site and outcome: `delivered`, `failed`, `given-up`."""
        self.off: defaultdict[str, int] = defaultdict(int)
        """How many webhooks were switched off by themselves since the start, by site."""
        self._store: WebhookStore | None = None
        self._sending: dict[str, asyncio.Task[None]] = {}
        self._pauses: dict[str, tuple[float, float]] = {}
        """By webhook: until when (seconds of the loop) it rests since how a try went could not be written, how long."""
        self._wanted = asyncio.Event()
        self._looping: asyncio.Task[None] | None = None

    def open(self, store: WebhookStore) -> None:
        """Begin to send what waits."""
        self._store = store
        self._looping = asyncio.create_task(self._loop())

    def wake(self) -> None:
        """Look at once at what waits."""
        self._wanted.set()

    async def stop(self) -> None:
        """Stop; what is under way is sent again after the next start."""
        tasks = [*self._sending.values(), *([self._looping] if self._looping is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _loop(self) -> None:
        pause = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wanted.wait()
            self._wanted.clear()
            try:
                pause = _LOOK if await self._look() else _REST
                self.trouble = ""
            except LenticularError as error:
                if not self.trouble:
                    _log.warning("Webhooks wait: %s.", error.codes)
                self.trouble, pause = str(error.problems[0]), _LOOK
            except Exception:
                if not self.trouble:
                    _log.exception("Webhooks wait.")
                self.trouble, pause = "A defect of ours; the server's log says more.", _LOOK

    async def _look(self) -> bool:
        """Begin to send for every webhook that something waits for; return whether something waits at all."""
        if self._store is None:
            return False
        waiting = await self._in_store(self._store.waiting)
        if waiting:
            for webhook in await self._in_store(self._store.webhooks):
                free = webhook.id not in self._sending and len(self._sending) < _AT_ONCE
                free = free and self._pauses.get(webhook.id, (0.0, 0.0))[0] <= asyncio.get_running_loop().time()
                if webhook.id in waiting and webhook.on and webhook.site in self._sites and free:
                    task = asyncio.create_task(self._drain(self._store, webhook, waiting[webhook.id]))
                    self._sending[webhook.id] = task
                    task.add_done_callback(partial(self._ended, webhook.id))
        return bool(waiting)

    def _ended(self, identity: str, done: asyncio.Task[None]) -> None:
        self._sending.pop(identity, None)
        if done.cancelled() or (error := done.exception()) is None:
            return
        # Perhaps it was sent, and that can't be written: a receiver must not have it again each second.
        rest = min(max(self._pauses.get(identity, (0.0, 0.0))[1] * 2, _REST_FIRST), _REST_LAST)
        self._pauses[identity] = asyncio.get_running_loop().time() + rest, rest
        _log.warning("A webhook waits: %s.", getattr(error, "codes", type(error).__name__))

    async def _drain(self, store: WebhookStore, webhook: Webhook, waiting: int) -> None:
        """Send what is due for a webhook, one after the other."""
        if waiting > MOST_WAITING:
            await self._too_many(store, webhook)
            return
        while True:
            now = self._clock()
            due = [one for one in await self._in_store(store.next, webhook.id) if one.due <= now]
            if not due:
                return
            await self._send(store, webhook, min(due, key=lambda one: one.number))
            self._pauses.pop(webhook.id, None)
            found = await self._in_store(store.webhook, webhook.site, webhook.id)
            if found is None or not found.on:
                return
            webhook = found

    async def _send(self, store: WebhookStore, webhook: Webhook, delivery: Delivery) -> None:
        answer, attempt = await self.post(webhook, delivery)
        now, tried = self._clock(), delivery.attempts + 1
        if attempt.good:
            done = msgspec.structs.replace(delivery, state="delivered", attempts=tried)
            await self._in_store(store.tried, done, attempt, None, None)
            self.tries[webhook.site, "delivered"] += 1
            return
        failing = webhook.failing if webhook.failing is not None else now
        due = next_try(tried, now, seconds_of(answer.retry_after) if answer.status in (429, 503) else None)
        after = msgspec.structs.replace(
            delivery, attempts=tried, due=due or now, state="waiting" if due is not None else "given-up"
        )
        why = _why_off(answer, now - failing)
        off = _switched_off(webhook, why, now) if why else None
        await self._in_store(store.tried, after, attempt, failing, off)
        self.tries[webhook.site, "failed" if due is not None else "given-up"] += 1
        if due is None:
            _log.error("A webhook's delivery is given up after %d tries.", tried, extra={"site": webhook.site})
        if off is not None:
            self._off(webhook, why)

    async def post(self, webhook: Webhook, delivery: Delivery) -> tuple[Answer, Attempt]:
        """Send a delivery once; return what came back, also as it is kept."""
        now, body = self._clock(), delivery.body.encode()
        signed = headers(delivery.id, now // 1000, body, webhook.secrets_at(now))
        answer = await self.sender.send(webhook.url, signed, body)
        attempt = Attempt(
            at=now,
            webhook=webhook.id,
            delivery=delivery.id,
            event=delivery.event,
            attempt=delivery.attempts + 1,
            status=answer.status,
            ms=answer.ms,
            error=answer.error,
            answer=answer.answer,
        )
        return answer, attempt

    async def _too_many(self, store: WebhookStore, webhook: Webhook) -> None:
        now, why = self._clock(), f"more than {MOST_WAITING:,} deliveries wait"
        [first, *_] = await self._in_store(store.next, webhook.id)
        attempt = Attempt(now, webhook.id, first.id, first.event, first.attempts, None, 0, "Too many wait.")
        await self._in_store(store.tried, first, attempt, webhook.failing, _switched_off(webhook, why, now))
        self._off(webhook, why)

    def _off(self, webhook: Webhook, why: str) -> None:
        _log.error("A webhook is switched off: %s.", why, extra={"site": webhook.site})
        self.off[webhook.site] += 1
        for tell in self.switched_off:
            tell(webhook)


def _why_off(answer: Answer, failing: int) -> str:
    if answer.status == 410:
        return "the receiver says that it is gone (410)"
    return "nothing got through for three days" if failing >= PATIENCE else ""


def _switched_off(webhook: Webhook, why: str, now: int) -> Entry:
    sentence = f"switched the webhook {webhook.name or webhook.id} off: {why}"
    return Entry(now, SERVER.name, "", "webhook.off", webhook.site, webhook.id, sentence)
