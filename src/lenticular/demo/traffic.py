"""Four weeks of a bank's traffic, and how it is sent: over HTTP, as any client would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from random import Random

import httpx
import msgspec

from lenticular.criteria.calendar import calendar_of
from lenticular.demo.crowd import somebody
from lenticular.demo.visits import Visit, Weeks, visits_of
from lenticular.demo.wire import LAPTOP, PHONE, ZONE, Device, Message, identify, page, stamped, track
from lenticular.errors import LenticularError, Problem

BATCH = 100
_IN_FLIGHT = 3
_TRIES = 8
_device = cache(Device)
_FIRST = "-0"  # ends the message id of the first thing a person did


class Sent(msgspec.Struct):
    """What the server has acknowledged so far: people who have done something, and messages."""

    people: int = 0
    messages: int = 0


def plan(now: int, people: int, seed: int) -> list[Visit]:
    """Return every visit of the four weeks up to `now` (ms) in the order of time; the same arguments, the same visits.

    Takes about a second for 5,000 people.
    """
    weeks = Weeks(now, calendar_of(ZONE))
    rng = Random(seed)  # noqa: S311 - invented people, no secrets
    visits = [visit for number in range(people) for visit in visits_of(somebody(number, weeks.today, rng), weeks, rng)]
    visits.sort(key=lambda visit: (visit.start, visit.who.number))
    return visits


def size(visits: Iterable[Visit]) -> Sent:
    """Return how many people and messages a plan has in all."""
    total = Sent()
    for visit in visits:
        total.people += visit.nth == 0
        total.messages += visit.messages
    return total


def messages(now: int, people: int, seed: int) -> Iterator[list[Message]]:
    """Yield the traffic in batches of at most 100 Segment messages, roughly in the order of time.

    A visit is never cut in two, so the batches of one person's visits may be sent side by side.
    """
    return batches(plan(now, people, seed), now, seed)


def batches(visits: Iterable[Visit], now: int, seed: int) -> Iterator[list[Message]]:
    """Yield a plan's messages in batches; `now` (ms) is part of their ids, `seed` draws the seconds in between."""
    rng = Random(seed)  # noqa: S311 - invented people, no secrets
    counts: dict[int, int] = {}
    batch: list[Message] = []
    for visit in visits:
        if batch and len(batch) + visit.messages > BATCH:
            yield batch
            batch = []
        before = counts.get(visit.who.number, 0)
        counts[visit.who.number] = before + visit.messages
        batch += _visit(visit, f"{now}-{visit.who.number:05d}-", before, rng)
    if batch:
        yield batch


def _visit(visit: Visit, prefix: str, count: int, rng: Random) -> Iterator[Message]:
    """Yield a visit's messages; `count` of the person's came before."""
    who = visit.who
    elsewhere = bool(who.second) and visit.nth % 3 == 2
    device = _device(PHONE if who.phone != elsewhere else LAPTOP, visit.landing.query, visit.landing.referrer)
    anonymous_id = who.second if elsewhere else who.anonymous_id
    landed = device.context(visit.landing.path, landing=True)
    calls = [page(landed)]
    if visit.identifies:
        calls.append(identify(landed, who.traits))
        if who.signs_in:
            calls.append(track(landed, "Signed In", {"method": "password"}))
    for path, event, properties in visit.steps:
        context = device.context(path)
        calls.append(track(context, event, properties) if event else page(context))
    at, user_id = visit.start, ""
    for call in calls:
        if call["type"] == "identify":
            user_id = who.user_id
        yield stamped(call, f"{prefix}{count}", at, anonymous_id, user_id)
        count += 1
        at += 2_000 + int(rng.random() * 70_000)


async def send(
    url: str, key: str, batches: Iterator[list[Message]], progress: Callable[[Sent], None], pause: float = 0.0
) -> Sent:
    """Post batches to `url`/v1/batch under a write key, three at a time, and return what was acknowledged.

    `progress` is called after each answer. A 429 waits as long as Retry-After says; 5xx and lost connections are
    tried again, eight times with longer and longer pauses. `pause` (seconds) lies between two batches of one sender.
    Raises LenticularError when the server says no for good.
    """
    sent = Sent()
    iterator = iter(batches)

    async def sender(client: httpx.AsyncClient) -> None:
        # The generator makes its batches in a thread, one at a time: the event loop may be the server's own.
        while (batch := await _next(iterator, turn)) is not None:
            await _post(client, batch)
            sent.people += sum(message["messageId"].endswith(_FIRST) for message in batch)
            sent.messages += len(batch)
            progress(sent)
            if pause:
                await asyncio.sleep(pause)

    turn = asyncio.Lock()
    async with httpx.AsyncClient(base_url=url, auth=(key, ""), timeout=30, trust_env=False) as client:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_IN_FLIGHT):
                    group.create_task(sender(client))
        except ExceptionGroup as failed:
            refused, others = failed.split(LenticularError)
            if refused is None or others is not None:
                raise
            raise refused.exceptions[0] from None
    return sent


async def _next(iterator: Iterator[list[Message]], turn: asyncio.Lock) -> list[Message] | None:
    async with turn:
        return await asyncio.to_thread(next, iterator, None)


async def _post(client: httpx.AsyncClient, batch: list[Message]) -> None:
    body = msgspec.json.encode({"batch": batch})
    why = ""
    for attempt in range(_TRIES):
        wait = min(0.25 * 2**attempt, 10.0)
        try:
            answer = await client.post("/v1/batch", content=body, headers={"content-type": "application/json"})
        except httpx.TransportError as error:
            why = f"The connection failed: {error or type(error).__name__}."
        else:
            if answer.status_code == 200:
                return
            why = f"The server answered {answer.status_code}: {answer.text[:300]}"
            if answer.status_code == 429:
                wait = _seconds(answer.headers.get("retry-after", ""), wait)
            elif answer.status_code < 500:
                break
        await asyncio.sleep(wait)
    raise LenticularError(
        Problem("traffic_refused", f"The demo's traffic did not get in. {why}", "/v1/batch", "Is the write key right?")
    )


def _seconds(text: str, otherwise: float) -> float:
    """Return what a Retry-After header asks for, at most a minute (RFC 9110 §10.2.3, the form in seconds)."""
    return min(float(text), 60.0) if text.isdigit() else otherwise
