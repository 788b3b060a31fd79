"""The shop with webhooks: a receiver, and what tests of webhooks ask and wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.decide.world import SITE
from tests.web.editing import Desk
from tests.web.shop import Shop
from tests.web.visitors import answered
from tests.webhooks.receiver import PATIENCE, Receiver

HOOKS = "/api/sites/shop/webhooks"


class Hook:
    """A webhook of the shop, and its receiver."""

    def __init__(self, shop: Shop, receiver: Receiver, given: Any) -> None:
        self.shop, self.receiver = shop, receiver
        self.secret = given["secret"]
        self.id = given["webhook"]["id"]
        self.path = f"{HOOKS}/{self.id}"

    async def ask(self, method: str, path: str = "", body: Any = None, code: int = 200) -> Any:
        return answered(await self.shop.admin.request(method, self.path + path, json=body), code)

    async def view(self) -> Any:
        listed = answered(await self.shop.admin.get(HOOKS), 200)["webhooks"]
        return next(one for one in listed if one["id"] == self.id)

    async def log(self) -> Any:
        return await self.ask("GET", "/log")

    async def eventually(self, what: Callable[[Any], bool]) -> Any:
        """Return the log once it is as it must be."""
        async with asyncio.timeout(PATIENCE):
            while not what(found := await self.log()):
                await asyncio.sleep(0.02)
            return found


async def hook(shop: Shop, receiver: Receiver, *events: str, **more: Any) -> Hook:
    body = {"url": receiver.url, "events": events, **more}
    return Hook(shop, receiver, answered(await shop.admin.post(HOOKS, json=body), 201))


async def ready(hooked: Shop, *segments: str) -> None:
    """Return when it is noted who is inside some segments."""
    watched = hooked.installation.hooks.rounds["shop"].watch.watched
    async with asyncio.timeout(PATIENCE):
        while any(watched[key].new or watched[key].upto < watched[key].last for key in segments):
            await asyncio.sleep(0.02)


async def buy(hooked: Shop, who: str, times: int = 2) -> None:
    for _ in range(times):
        await hooked.track(who, "Bought", properties={"price": 20})


def people(receiver: Receiver, event: str) -> list[str]:
    """Return whom was told of, in order, by their first anonymous id."""
    told = [one.json["data"]["people"] for one in receiver.got if one.event == event]
    return [person["anonymousIds"][0] for part in told for person in part]


async def counted(hooked: Shop) -> str:
    """Count the members of all segments, and return how that went."""
    answer = await hooked.admin.post("/api/sites/shop/jobs", json={"kind": "segment-sizes"})
    job = answered(answer, answer.status_code)
    async with asyncio.timeout(PATIENCE):
        while True:
            found = answered(await hooked.admin.get(f"/api/sites/shop/jobs/{job['id']}"), 200)
            if found["state"] not in ("waiting", "running"):
                await hooked.installation.hooks.settled()
                return str(found["state"])
            await asyncio.sleep(0.02)


async def identify(hooked: Shop, **message: Any) -> None:
    hooked.now += 1  # the last word about a trait is the one that came last
    answer = await hooked.visitor.post("/v1/identify", json={**message, "writeKey": SITE.write_key})
    assert answer.status_code == 200, answer.text
    await hooked.settled()


def tries(count: int) -> Callable[[Any], bool]:
    """Return whether a log has so many tries."""
    return lambda log: len(log["attempts"]) == count


async def published(hooked: Shop, rule: str) -> int:
    """Publish something that webhooks are told of."""
    desk = Desk(hooked)
    await desk.save("segments/noise", {"rule": rule})
    return int((await desk.published("segments/noise"))["id"])


def sent(receiver: Receiver) -> list[int]:
    """Return which publications were sent, in order."""
    return [one.json["data"]["publication"]["id"] for one in receiver.got]
