"""Bots are marked and logged, and nothing counts them: not a rule, not a decision, not a list of people."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.profiles.fold import NOBODY
from tests.decide.world import SITE
from tests.web.shop import SECRET, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
CRAWLER = {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}
HEADLESS = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/124.0.0.0 Safari/537.36"}
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}
EVERYONE = "True"


async def post(shop: Shop, kind: str, headers: dict[str, str], **message: Any) -> None:
    key = headers.get("authorization", f"Bearer {SITE.write_key}")
    answer = await shop.visitor.post(f"/v1/{kind}", json=message, headers={**headers, "authorization": key})
    assert answer.status_code == 200, answer.text


async def logged(shop: Shop, message_id: str) -> list[tuple[Any, ...]]:
    await shop.site.settle()
    sql = "SELECT name, profile_id, session_id, context.b_bot.:Bool FROM events WHERE message_id = {id:String}"
    return await shop.site.stores.events.query(sql, {"id": message_id})


@pytest.mark.parametrize("headers", [CRAWLER, HEADLESS])
async def test_a_bots_events_are_logged_and_make_nobody(shop: Shop, headers: dict[str, str]) -> None:
    me = shop.someone()
    await shop.site.settle()
    before = await shop.ask("count", rule=EVERYONE)
    for kind, message in (
        ("page", {"context": {"page": {"url": "https://b.example/college"}}}),
        ("identify", {"userId": f"user {me}", "traits": {"balance": 5_000, f"invented_{me}": 1}}),
        ("group", {"groupId": f"org {me}", "traits": {"tier": "gold"}}),
        ("track", {"event": f"Only {me}", "properties": {f"field_{me}": 1}}),
        ("track", {"event": "Impression", "properties": {"item": "ad", "decision": me}}),
    ):
        await post(shop, kind, headers, anonymousId=me, messageId=f"{kind} {me} {message.get('event')}", **message)
    assert await logged(shop, f"page {me} None") == [("Page Viewed", NOBODY, 0, True)]
    assert len(await logged(shop, f"track {me} Only {me}")) == 1
    assert shop.site.collector.current(me, f"user {me}") is None
    assert shop.site.collector.organizations([f"org {me}"])[0].traits == {"t_id": f"org {me}"}
    assert not any(me in name for _, name in shop.site.types)
    assert await shop.ask("count", rule=EVERYONE) == {**before, "at": shop.now}
    checked = await shop.ask("check", rule=f'count("Only {me}") >= 1')
    assert [note["code"] for note in checked["notes"]] == ["note.event"]


async def test_what_a_bot_does_in_someones_name_is_not_theirs(shop: Shop) -> None:
    me = shop.someone()
    await post(shop, "track", FIREFOX, anonymousId=me, event="Bought", properties={"price": 20})
    for at in range(3):
        await post(
            shop, "track", HEADLESS, anonymousId=me, event="Bought", properties={"price": 20}, messageId=f"{me}{at}"
        )
    await shop.site.settle()
    found = await shop.ask("explain", rule='count("Bought") >= 1', anonymousId=me)
    assert (found["member"], found["why"]["actual"], found["why"]["counted"]["total"]) == (True, "once", 1)
    members = await shop.ask("members", rule='count("Bought") == 1', limit=1_000)
    assert any(me in each["anonymousIds"] for each in members["members"])


async def test_a_message_counts_once_whoever_sends_it_first(shop: Shop) -> None:
    me = shop.someone()
    for headers in (HEADLESS, FIREFOX):
        await post(shop, "track", headers, anonymousId=me, event="Bought", messageId=f"once {me}")
    assert await logged(shop, f"once {me}") == [("Bought", NOBODY, 0, True)]


async def test_a_bot_gets_the_default_and_leaves_nothing_behind(shop: Shop) -> None:
    me = shop.someone()
    asked = {"site": SITE.key, "page": "/", "slots": ["promo"], "anonymousId": me, "impression": True}
    asked["context"] = {"url": "https://b.example/college/start"}
    person = (await shop.visitor.post("/v1/decide", json={**asked, "anonymousId": f"{me} too"}, headers=FIREFOX)).json()
    assert (person["page"]["experience"], person["page"]["reason"]) == ("students", "TARGETING_MATCH")
    for _ in range(2):  # the ad's cap is one a day
        answer = await shop.visitor.post("/v1/decide", json=asked, headers=CRAWLER)
        bot = answer.json()
        assert (bot["page"]["experience"], bot["page"]["reason"], bot["segments"]) == (None, "DEFAULT", [])
        assert [item["key"] for item in bot["slots"]["promo"]["items"]] == ["ad"]
        assert answer.headers["cache-control"] == "private, no-store"
    await shop.settled()
    assert shop.site.collector.current(me, "") is None


@pytest.mark.parametrize(
    ("context", "bot"),
    [
        ({"userAgent": CRAWLER["user-agent"]}, True),
        ({"userAgent": CRAWLER["user-agent"], "bot": False}, False),
        ({"userAgent": FIREFOX["user-agent"]}, False),
        ({"bot": True}, True),
    ],
)
async def test_a_server_says_who_its_visitor_is(shop: Shop, context: dict[str, Any], bot: bool) -> None:
    me = shop.someone()
    told = {"url": "https://b.example/college/start", **context}
    answer = await shop.decide(me, server=True, page="/", context=told)
    assert answer["page"]["experience"] == (None if bot else "students")
    await post(shop, "track", SECRET, anonymousId=me, event="Bought", context=context, messageId=f"server {me}")
    [(_, profile_id, _, marked)] = await logged(shop, f"server {me}")
    assert (profile_id == NOBODY, marked) == (bot, True if bot else None)


async def test_an_alias_of_a_bot_joins_nobody(shop: Shop) -> None:
    one, other = shop.someone(), shop.someone()
    for each in (one, other):
        await post(shop, "track", FIREFOX, anonymousId=each, userId=each, event="Came")
    await post(shop, "alias", SECRET, userId=one, previousId=other, context={"bot": True})
    await shop.site.settle()
    found = [shop.site.collector.current("", each) for each in (one, other)]
    assert found[0] and found[1] and found[0].id != found[1].id
