"""Lists by query over HTTP: interests by what was clicked, counts from the log; and a cap on a group."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from msgspec.structs import replace

from lenticular.app.popular import count_popular
from lenticular.app.publish import publish
from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.pressure import Pressure
from tests.decide.world import SITE
from tests.web.shop import HOUR, MIDNIGHT, NOON, Shop, open_shop, shop_catalog

pytestmark = pytest.mark.asyncio(loop_scope="session")
TAGS = {"a": [], "b": ["shoes"], "c": ["travel"], "d": ["travel", "shoes"]}
SLOTS = ("viewed", "mine", "promos")


def catalog(**best: Any) -> Catalog:
    content: dict[str, Any] = {key: {"type": "article", "tags": tags} for key, tags in TAGS.items()}
    content |= {f"p{at}": {"type": "promotion"} for at in range(4)}
    articles = {"types": ["article"]}
    collections: dict[str, Any] = {
        "viewed": {"query": {**articles, **best}},
        "mine": {"query": {**articles, "sort": [{"by": "interests"}]}},
        "promos": {"query": {"types": ["promotion"]}},
    }
    slots = {key: {"block": {"kind": "list", "collection": key}} for key in SLOTS}
    found = shop_catalog(content=content, collections=collections, slots=slots, pages={})
    cap = Pressure("promotions", FrequencyCap(3, "day"), types=("promotion",))
    return replace(found, site=replace(found.site, pressure=(cap,)))


BEST = {"sort": [{"by": "viewed"}, {"by": "clicked", "days": 7}]}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("lists")) as opened:
        await publish(opened.site, catalog())
        yield opened


async def items(shop: Shop, slot: str, who: str = "", **asked: Any) -> list[str]:
    answer = await shop.decide(who, slots=[slot], **asked)
    return [item["key"] for item in answer["slots"][slot]["items"]]


async def test_interests_follow_what_was_clicked(shop: Shop) -> None:
    who = shop.someone()
    assert await items(shop, "mine", who) == ["a", "b", "c", "d"]
    await shop.track(who, "Content Clicked", properties={"item": "c"})
    assert await items(shop, "mine", who) == ["c", "d", "a", "b"]
    for _ in range(2):
        await shop.track(who, "Content Clicked", properties={"item": "b"})
    assert await items(shop, "mine", who) == ["d", "b", "c", "a"]
    assert await items(shop, "mine", shop.someone()) == ["a", "b", "c", "d"]
    # Whoever withholds personalization has no interests.
    consent = {"categoryPreferences": {"personalization": False}}
    assert await items(shop, "mine", who, context={"consent": consent}) == ["a", "b", "c", "d"]


async def test_what_is_viewed_and_clicked_is_counted_in_the_log(shop: Shop) -> None:
    who = shop.someone()
    clicks = [(item, "Content Clicked") for item in "dadada"]  # more than any other test clicks
    for item, event in (("c", "Impression"), ("d", "Impression"), *clicks):
        await shop.track(who, event, properties={"item": item})
    await shop.track(shop.someone(), "Impression", properties={"item": "b"}, context={"userAgent": "Googlebot/2.1"})
    old = {"properties": {"item": "b"}, "timestamp": "2026-10-01T00:00:00Z"}
    await shop.track(who, "Impression", **old)
    await shop.settled()
    await shop.site.settle()
    assert not await count_popular(shop.site), "no list asks for it"
    assert await items(shop, "viewed") == ["a", "b", "c", "d"]
    # Another catalog asks: it is counted by itself, and a decision before that goes by priority and key.
    await publish(shop.site, catalog(**BEST))
    until = time.monotonic() + 60
    while await items(shop, "viewed") != ["d", "c", "a", "b"]:
        assert time.monotonic() < until, await items(shop, "viewed")
        await asyncio.sleep(0.05)
    # A publication keeps what was counted; then the rest of the log is counted too.
    await publish(shop.site, catalog(**BEST, none=["shoes"]))
    assert await items(shop, "viewed") == ["c", "a"]
    for _ in range(2):
        await shop.track(shop.someone(), "Impression", properties={"item": "a"})
    await shop.site.settle()
    assert await count_popular(shop.site)
    assert await items(shop, "viewed") == ["a", "c"]


async def test_three_promotions_a_day_on_two_devices_of_one_person(shop: Shop) -> None:
    laptop, phone = shop.someone(), shop.someone()
    shop.now = NOON
    assert await items(shop, "promos", laptop) == ["p0", "p1", "p2"]
    assert await items(shop, "promos", laptop) == [], "they are on their way"
    shop.now += 61_000
    await shop.track(laptop, "Impression", properties={"item": "p0"})
    await shop.track(phone, "Impression", properties={"item": "p3"})
    for device in (laptop, phone):
        assert await items(shop, "promos", device) == ["p0", "p1"]
        body = {"anonymousId": device, "userId": "ana", "writeKey": SITE.write_key}
        assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200
        shop.now += 61_000
    for device in (laptop, phone):
        answer = await shop.decide(device, slots=["promos"], explain=True)
        [kept] = answer["explain"]["slots"]["promos"]["collections"]
        assert [item["key"] for item in answer["slots"]["promos"]["items"]] == ["p0"]
        assert {one["by"] for one in kept["leftOut"]} == {"promotions"} and answer["cache"] == "private"
        shop.now += 61_000
    await shop.track(phone, "Impression", properties={"item": "p0"})
    answer = await shop.decide(laptop, slots=["promos"], explain=True)
    assert answer["slots"]["promos"]["reason"] == "CAPPED"
    left = answer["explain"]["slots"]["promos"]["collections"][0]["leftOut"]
    assert {one["until"] for one in left} == {MIDNIGHT} and len(left) == 4
    shop.now = MIDNIGHT + HOUR
    assert await items(shop, "promos", laptop) == ["p0", "p1", "p2"]


async def test_items_come_in_the_language_that_is_asked_for(shop: Shop) -> None:
    fields = [{"key": "title", "type": "text", "localized": True}, {"key": "price", "type": "number"}]
    told: dict[str, Any] = {
        "a": {"type": "offer", "fields": {"title": {"en": "Hello", "es": "Hola"}, "price": 5}},
        "b": {"type": "offer", "fields": {"title": {"fr": "Salut"}}},
        "n": {"type": "note", "fields": {"title": {"en": "As it is"}}},
    }
    slots = {"all": {"block": {"kind": "list", "collection": "all"}}}
    types = {"offer": {"fields": fields}}
    query: dict[str, Any] = {"query": {}}
    found = shop_catalog(content=told, collections={"all": query}, slots=slots, types=types, pages={})
    await publish(shop.site, found)
    for locale, a in (("es-MX", "Hola"), ("de", "Hello"), ("nonsense!", "Hello"), ("", {"en": "Hello", "es": "Hola"})):
        answer = await shop.decide(slots=["all"], locale=locale)
        [first, second, note] = [item["fields"] for item in answer["slots"]["all"]["items"]]
        assert first == {"title": a, "price": 5}
        assert second == {"title": "Salut" if locale else {"fr": "Salut"}} and note == {"title": {"en": "As it is"}}
