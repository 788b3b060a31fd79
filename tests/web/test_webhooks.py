"""Webhooks: what happens is told to a real receiver, signed, in order, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from lenticular.settings import Settings
from tests.web.editing import Desk
from tests.web.shop import Shop, open_shop
from tests.web.visitors import Browser, answered
from tests.webhooks.receiver import PATIENCE, Receiver, receiving

pytestmark = pytest.mark.asyncio(loop_scope="session")
HOOKS = "/api/sites/shop/webhooks"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    folder = tmp_path_factory.mktemp("webhooks")
    async with open_shop(folder, Settings(webhook_networks="127.0.0.0/8")) as shop:
        yield shop
        await Browser.close_all()


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


@pytest_asyncio.fixture(loop_scope="session")
async def receiver(own: Shop) -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found
    for one in answered(await own.admin.get(HOOKS), 200)["webhooks"]:
        answered(await own.admin.delete(f"{HOOKS}/{one['id']}"), 204)


async def hook(shop: Shop, receiver: Receiver, *events: str, **more: Any) -> Hook:
    body = {"url": receiver.url, "events": events, **more}
    return Hook(shop, receiver, answered(await shop.admin.post(HOOKS, json=body), 201))


async def test_a_publication_is_told_and_signed(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "catalog.published", name="CRM")
    desk = Desk(own)
    await desk.save("segments/rich", {"rule": "user.balance >= 5_000"})
    published = await desk.published("segments/rich", note="More")
    [got] = await receiver.until(1)
    assert got.line == "POST /hook?a=1 HTTP/1.1" and got.is_signed_with(told.secret)
    assert got.headers["content-type"] == "application/json" and got.headers["user-agent"].startswith("Lenticular/")
    assert got.headers["webhook-timestamp"] == str(own.now // 1000)
    assert got.json["type"] == "catalog.published" and got.json["timestamp"].endswith("Z")
    data = got.json["data"]
    assert data["publication"] == {"id": published["id"], "author": "admin", "note": "More"}
    [change] = data["changes"]
    assert (data["site"], data["changed"], change["key"], change["state"]) == ("shop", 1, "rich", "live")
    assert "5,000" in change["sentence"]["en"]
    log = await told.eventually(lambda log: log["attempts"])
    [attempt] = log["attempts"]
    assert (attempt["status"], attempt["attempt"], attempt["delivery"]) == (204, 1, got.id)
    assert [(one["state"], one["id"]) for one in log["deliveries"]] == [("delivered", got.id)]


async def test_who_enters_and_leaves_by_an_event_is_told_within_seconds(own: Shop, receiver: Receiver) -> None:
    inside, outside = own.someone(), own.someone()
    for who in (inside, outside):
        await own.track(who, "Seen")
    await own.track(inside, "Bought", properties={"price": 20})
    await own.track(inside, "Bought", properties={"price": 20})
    await own.settled()
    await hook(own, receiver, "segment.entered", "segment.left", segments=["buyers"])
    async with asyncio.timeout(PATIENCE):
        while own.installation.hooks.rounds["shop"].watch.watched["buyers"].new:
            await asyncio.sleep(0.02)
    await own.track(outside, "Bought", properties={"price": 20})
    await own.track(outside, "Bought", properties={"price": 20})
    await own.track(outside, "Bought", properties={"price": 20})
    [got] = await receiver.until(1)
    data = got.json["data"]
    assert (got.event, data["segment"]) == ("segment.entered", "buyers")
    [person] = data["people"]
    assert person["anonymousIds"] == [outside] and person["userId"] is None and "traits" not in person
