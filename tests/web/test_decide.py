"""`/v1/decide` over real HTTP: what visitors get, and what they are told when they ask wrongly."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.shop import HOUR, MIDNIGHT, NOON, Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
COLLEGE = {"url": "https://shop.example/college/madrid?utm_campaign=campus"}


async def test_a_stranger_gets_the_default_page_and_slots(shop: Shop) -> None:
    answer = await shop.decide(shop.someone(), page="/", slots=["promo", "plain"])
    page = answer["page"]
    assert (page["path"], page["experience"], page["segment"], page["reason"]) == ("/", None, None, "DEFAULT")
    assert [block["id"] for block in page["blocks"]] == ["hero", "offers"]
    assert [item["key"] for item in page["blocks"][1]["items"]] == ["card", "gift"]
    assert list(answer["slots"]) == ["promo", "plain"]
    promo = answer["slots"]["promo"]
    assert (promo["collection"], promo["reason"]) == ("ads", "STATIC")
    assert promo["items"] == [{"key": "ad", "type": "ad", "fields": {"title": "An ad"}}]
    assert answer["segments"] == []
    assert (answer["cache"], len(answer["cacheKey"])) == ("private", 16)
    assert "why" not in answer
    assert "problems" not in answer


async def test_the_context_of_a_decision_opens_a_session_that_stays(shop: Shop) -> None:
    me = shop.someone()
    answer = await shop.decide(me, page="/", context=COLLEGE)
    assert answer["page"]["experience"] == "students"
    assert answer["page"]["reason"] == "TARGETING_MATCH"
    assert answer["segments"] == ["students"]
    await shop.settled()  # the visitor does not wait for the disk, half an hour later it is on it
    shop.now += 29 * 60_000
    assert (await shop.decide(me, page="/"))["segments"] == ["students"]
    await shop.settled()
    shop.now += 29 * 60_000  # half an hour after the last decision, not after the first
    assert (await shop.decide(me, page="/"))["segments"] == ["students"]
    await shop.settled()
    shop.now += 31 * 60_000
    assert (await shop.decide(me, page="/"))["segments"] == []


async def test_nobody_in_particular_is_decided_for_and_leaves_nothing(shop: Shop) -> None:
    await shop.settled()
    before = shop.site.stores.journal.last()
    assert (await shop.decide(page="/", context=COLLEGE))["segments"] == ["students"]
    assert (await shop.decide(page="/"))["segments"] == []
    await shop.settled()
    assert shop.site.stores.journal.last() == before


async def test_get_answers_what_post_answers(shop: Shop) -> None:
    query = {
        "site": "shop",
        "page": "/",
        "slots": "promo,plain",
        "anonymousId": shop.someone(),
        "url": COLLEGE["url"],
        "screen": "390x844",
        "explain": "1",
    }
    got = await shop.visitor.get("/v1/decide", params=query)
    assert got.status_code == 200
    posted = await shop.decide(
        shop.someone(),
        page="/",
        slots=["promo", "plain"],
        explain=True,
        context={**COLLEGE, "screen": {"width": 390, "height": 844}},
    )
    assert {**got.json(), "id": ""} == {**posted, "id": ""}


@pytest.mark.parametrize("screen", ["²x3", "٣x٤", "9x", "x", "", "1x2x3", "9" * 400 + "x1"])
async def test_a_screen_that_is_none_is_left_out(shop: Shop, screen: str) -> None:
    got = await shop.visitor.get("/v1/decide", params={"site": "shop", "page": "/", "screen": screen})
    assert (got.status_code, got.json()["page"]["path"]) == (200, "/")


@pytest.mark.parametrize("name", ["url", "referrer", "timezone", "locale"])
async def test_a_context_with_nul_is_refused(shop: Shop, name: str) -> None:
    got = await shop.visitor.get("/v1/decide", params={"site": "shop", "page": "/", "anonymousId": "a1", name: "a\0b"})
    assert got.status_code == 400
    assert "NUL" in got.json()["message"]


async def test_explain_says_why(shop: Shop) -> None:
    me = shop.someone()
    await shop.track(me, "Bought", properties={"price": 11})
    answer = await shop.decide(me, page="/", explain=True, context=COLLEGE)
    assert "why" not in answer  # it shows traits, which the public key does not read
    answer = await shop.decide(me, server=True, page="/", explain=True, context=COLLEGE)
    assert list(answer["why"]) == ["buyers", "students"]
    students, buyers = answer["why"]["students"], answer["why"]["buyers"]
    assert students["member"] is True
    assert students["why"]["actual"] is not None
    assert buyers["member"] is False
    assert buyers["why"]["actual"] == "once"
    assert answer["explain"]["page"]
    await shop.track(me, "Bought", properties={"price": 12})
    buyers = (await shop.decide(me, server=True, page="/", explain=True))["why"]["buyers"]
    assert buyers["member"] is True
    assert buyers["changesAt"] == NOON + 7 * 24 * HOUR


async def test_an_ad_seen_today_comes_back_tomorrow(shop: Shop) -> None:
    me = shop.someone()

    async def ads(**asked: Any) -> tuple[list[str], str]:
        slot = (await shop.decide(me, slots=["promo"], **asked))["slots"]["promo"]
        return [item["key"] for item in slot["items"]], slot["reason"]

    assert await ads(impression=True) == (["ad"], "STATIC")
    assert await ads() == ([], "CAPPED")
    shop.now += 120_000  # no reservation lasts that long: it was seen
    assert await ads() == ([], "CAPPED")
    shop.now = MIDNIGHT - 1
    assert await ads() == ([], "CAPPED")
    shop.now = MIDNIGHT
    assert await ads() == (["ad"], "STATIC")


async def test_what_was_reserved_and_not_seen_is_free_after_a_minute(shop: Shop) -> None:
    me = shop.someone()
    first = await shop.decide(me, slots=["promo"])
    assert first["slots"]["promo"]["items"]
    assert not (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["items"]
    shop.now += 59_999
    assert not (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["items"]
    shop.now += 1
    assert (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["items"]


async def test_twenty_tabs_at_once_get_the_last_impression_once(shop: Shop) -> None:
    me = shop.someone()
    await shop.decide(me, page="/")
    tabs = await asyncio.gather(*(shop.decide(me, slots=["promo"], impression=True) for _ in range(20)))
    assert sum(len(tab["slots"]["promo"]["items"]) for tab in tabs) == 1


async def test_newcomers_do_not_share_a_cap(shop: Shop) -> None:
    async with shop.site.collector.paused():  # neither of them is in the profile store yet
        for me in (shop.someone(), shop.someone()):
            assert (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["items"]
            assert not (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["items"]


async def test_a_reservation_stays_when_two_turn_out_to_be_one(shop: Shop) -> None:
    me, also_me = shop.someone(), shop.someone()
    assert (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["items"]
    for each in (me, also_me):
        body = {"anonymousId": each, "userId": f"user {me}", "writeKey": "w"}
        assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200
    assert not (await shop.decide(also_me, slots=["promo"]))["slots"]["promo"]["items"]


async def test_nobody_in_particular_shares_no_cap(shop: Shop) -> None:
    for _ in range(2):
        assert (await shop.decide(slots=["promo"], context=COLLEGE))["slots"]["promo"]["items"]
        assert (await shop.decide(shop.someone(), slots=["promo"], impression=True))["slots"]["promo"]["items"]
        assert (await shop.decide(slots=["promo"], impression=True))["slots"]["promo"]["items"]


async def test_an_impression_sent_as_an_event_counts_once(shop: Shop) -> None:
    me = shop.someone()
    decided = await shop.decide(me, slots=["promo"])
    for each in range(2):
        # A page that tells of it twice gives each message an id of its own.
        seen = {"item": "ad", "decision": decided["id"]}
        await shop.track(me, "Impression", messageId=f"message-{each}", properties=seen)
    profile = shop.site.collector.current(me, "")
    assert profile is not None
    assert {item: shown.count for item, shown in profile.shown.items()} == {"ad": 1}
    shop.now += 61_000
    assert (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["reason"] == "CAPPED"


async def test_an_impression_that_was_answered_for_is_on_disk(shop: Shop) -> None:
    me, journal = shop.someone(), shop.site.stores.journal
    before = journal.last()
    decided = await shop.decide(me, slots=["promo"], impression=True)
    assert f"{decided['id']}:ad" in [event.message_id for _, event in journal.read(before, 100)]


async def test_the_cache_key_stands_for_what_is_seen(shop: Shop) -> None:
    keys = [(await shop.decide(shop.someone(), page="/"))["cacheKey"] for _ in range(2)]
    student = (await shop.decide(shop.someone(), page="/", context=COLLEGE))["cacheKey"]
    assert keys[0] == keys[1] != student
    assert (await shop.decide(page="/"))["cacheKey"] == keys[0]


async def test_only_what_everyone_may_see_is_shared(shop: Shop) -> None:
    async def answer(**asked: Any) -> httpx.Response:
        return await shop.visitor.post("/v1/decide", json={"site": "shop", **asked})

    everyone, private = await answer(page="/legal", slots=["plain"]), await answer(page="/")
    assert everyone.headers["cache-control"] == "public, max-age=60"
    assert private.headers["cache-control"] == "private, no-store"
    assert (everyone.json()["cache"], private.json()["cache"]) == ("shared", "private")


async def test_any_page_of_any_host_may_ask(shop: Shop) -> None:
    headers = {"origin": "https://other.example", "access-control-request-method": "POST"}
    asked = await shop.visitor.options("/v1/decide", headers=headers)
    assert asked.status_code in (200, 204)
    assert asked.headers["access-control-allow-origin"] == "*"
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "content-type" in asked.headers["access-control-allow-headers"]
    answer = await shop.visitor.post("/v1/decide", json={"site": "shop", "page": "/"}, headers=headers)
    assert answer.headers["access-control-allow-origin"] == "*"
    wrong = await shop.visitor.post("/v1/decide", json={"site": "nope", "page": "/"}, headers=headers)
    assert wrong.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("asked", "status", "code", "says"),
    [
        ({"site": "shpo", "page": "/"}, 404, "site.unknown", "Known: shop"),
        ({"site": "shop", "page": "/nowhere"}, 404, "decide.unknown-page", "/nowhere"),
        ({"site": "shop", "page": "/lega"}, 404, "decide.unknown-page", "Did you mean /legal?"),
        ({"site": "shop", "slots": ["prom"]}, 404, "decide.unknown-slot", "Did you mean promo?"),
        ({"site": "shop"}, 400, "decide.nothing", '"page"'),
        ({"page": "/"}, 400, "decide.json", "site"),
        ({"site": "shop", "page": 5}, 400, "decide.json", "$.page"),
        ({"site": "shop", "page": "/", "slots": "promo"}, 400, "decide.json", "$.slots"),
        ({"site": "shop", "page": "/", "anonymousId": "x" * 256}, 400, "decide.id", "anonymousId"),
        ({"site": "shop", "page": "/", "userId": "a\0b"}, 400, "decide.id", "userId"),
        (b"{", 400, "decide.json", "truncated"),
        (b"", 400, "decide.json", "truncated"),
        (b"[]", 400, "decide.json", "object"),
        (b'{"site": "shop", "page": "/", "anonymousId": "\xff"}', 400, "decide.json", "utf-8"),
        (b'{"site": "shop", "page": "\\ud800"}', 400, "decide.json", ""),
        (b'{"site": "shop", "page": "/", "x": ' + b"[" * 60_000, 400, "decide.json", ""),
        (b'{"site": "' + b"x" * 66_000 + b'"}', 413, "decide.size", "64 KB"),
    ],
)
async def test_what_is_wrong_is_said(shop: Shop, asked: Any, status: int, code: str, says: str) -> None:
    content = asked if isinstance(asked, bytes) else json.dumps(asked)
    answer = await shop.visitor.post("/v1/decide", content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert says in answer.json()["message"]


async def test_a_part_that_is_unknown_does_not_take_the_rest_away(shop: Shop) -> None:
    answer = await shop.decide(page="/", slots=["prom", "plain"])
    assert answer["page"]["blocks"]
    assert list(answer["slots"]) == ["plain"]
    [problem] = answer["problems"]
    assert problem["code"] == "decide.unknown-slot"


@pytest.mark.parametrize("odd", ["日本", "a b", "'; DROP TABLE events --", "x" * 255, "🜚", "%00", "é", "é"])
async def test_odd_ids_are_ids(shop: Shop, odd: str) -> None:
    await shop.track(odd, "Bought", properties={"price": 20})
    await shop.track(odd, "Bought", properties={"price": 20})
    assert (await shop.decide(odd, page="/"))["segments"] == ["buyers"]
    got = await shop.visitor.get("/v1/decide", params={"site": "shop", "page": "/", "anonymousId": odd})
    assert got.json()["segments"] == ["buyers"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD"])
async def test_other_methods_are_refused(shop: Shop, method: str) -> None:
    answer = await shop.visitor.request(method, "/v1/decide?site=shop&page=/")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/?utm_source=x", "/#top", "/legal/", "/legal?x=1"])
async def test_query_fragment_and_a_closing_slash_do_not_matter(shop: Shop, path: str) -> None:
    assert (await shop.decide(page=path))["page"]["path"] in ("/", "/legal")


async def test_what_a_decision_leaves_behind_outlives_the_server(tmp_path: Path) -> None:
    people = [f"a{at}" for at in range(20)]
    async with open_shop(tmp_path / "data") as shop:
        shop.site.collector._writing._thread.submit(time.sleep, 0.5)  # a slow disk
        asked = (shop.decide(me, slots=["promo"], impression=True) for me in people)
        assert all(each["slots"]["promo"]["items"] for each in await asyncio.gather(*asked))
    async with open_shop(tmp_path / "data") as shop:
        shop.now += 120_000  # beyond every reservation
        for me in people:
            assert (await shop.decide(me, slots=["promo"]))["slots"]["promo"]["reason"] == "CAPPED"
