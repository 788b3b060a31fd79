"""Privacy signals of browsers: what they withhold, for collect and decide alike, and what goes before them."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.catalog.site import Signals
from lenticular.criteria.purposes import PURPOSES
from lenticular.intake.consent import consent_with
from tests.decide.world import SITE
from tests.web.shop import SECRET, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}
GPC, DNT = {**FIREFOX, "sec-gpc": "1"}, {**FIREFOX, "dnt": "1"}
RICH = {"traits": {"balance": 5_000}}
PERSONALIZATION = PURPOSES["personalization"]


def allows(personalization: bool) -> dict[str, Any]:
    return {"consent": {"categoryPreferences": {"personalization": personalization}}}


async def identify(shop: Shop, me: str, headers: dict[str, str], **message: Any) -> None:
    key = headers.get("authorization", f"Bearer {SITE.write_key}")
    body = {"anonymousId": me, **message}
    answer = await shop.visitor.post("/v1/identify", json=body, headers={**headers, "authorization": key})
    assert answer.status_code == 200, answer.text
    shop.now += 1_000


async def withheld(shop: Shop, me: str) -> int:
    await shop.settled()
    profile = shop.site.collector.current(me, "")
    assert profile is not None
    return profile.withheld


async def is_rich(shop: Shop, me: str) -> bool:
    await shop.site.settle()
    explained = await shop.ask("explain", rule="rich", anonymousId=me)
    counted = await shop.ask("members", rule="rich", limit=1_000)
    member = any(me in each["anonymousIds"] for each in counted["members"])
    assert explained["member"] is member
    return bool(member)


@pytest.mark.parametrize(
    ("headers", "context", "expected"),
    [
        (FIREFOX, {}, 0),
        (GPC, {}, PERSONALIZATION),
        ({**FIREFOX, "sec-gpc": "0"}, {}, 0),
        ({**FIREFOX, "sec-gpc": "yes"}, {}, 0),
        (DNT, {}, 0),  # off by default
        (GPC, allows(True), 0),
        (GPC, {"consent": {"categoryPreferences": {"analytics": False}}}, sum(PURPOSES.values())),
        ({"user-agent": "analytics-python/2.3", "sec-gpc": "1"}, {}, 0),  # a library's header is no visitor's word
        ({**GPC, **SECRET}, {}, 0),
    ],
)
async def test_a_signal_withholds(shop: Shop, headers: dict[str, str], context: dict[str, Any], expected: int) -> None:
    me = shop.someone()
    await identify(shop, me, headers, context=context, **RICH)
    assert await withheld(shop, me) == expected
    assert await is_rich(shop, me) is not bool(expected)


async def test_the_last_word_counts_and_silence_is_none(shop: Shop) -> None:
    me = shop.someone()
    for headers, context, expected in (
        (FIREFOX, allows(False), PERSONALIZATION),
        (FIREFOX, {}, PERSONALIZATION),
        (FIREFOX, allows(True), 0),
        (GPC, {}, PERSONALIZATION),
        (FIREFOX, {}, PERSONALIZATION),
        (GPC, allows(True), 0),
    ):
        await identify(shop, me, headers, context=context)
        assert await withheld(shop, me) == expected


async def test_a_decision_honours_the_signal_of_its_own_request_and_keeps_it(shop: Shop) -> None:
    me = shop.someone()
    for _ in range(2):
        await shop.track(me, "Bought", properties={"price": 20})
    asked = {"site": SITE.key, "page": "/", "anonymousId": me}

    async def experience(headers: dict[str, str], **context: Any) -> Any:
        shop.now += 1_000
        answer = await shop.visitor.post("/v1/decide", json={**asked, "context": context}, headers=headers)
        await shop.settled()
        return answer.json()["page"]["experience"]

    assert await experience(FIREFOX) == "buyers"
    assert await experience(GPC, **allows(True)) == "buyers"
    assert await experience(GPC) is None
    assert await withheld(shop, me) == PERSONALIZATION
    assert await experience(FIREFOX) is None
    assert await experience(FIREFOX, **allows(True)) == "buyers"


async def test_a_signal_counts_for_nobody_in_particular_too(shop: Shop) -> None:
    for headers in (FIREFOX, GPC):
        answer = await shop.visitor.post("/v1/decide", json={"site": SITE.key, "page": "/"}, headers=headers)
        assert answer.json()["page"]["reason"] == "DEFAULT"


async def test_what_a_decision_is_told_of_consent_must_be_clear(shop: Shop) -> None:
    told = {"consent": {"categoryPreferences": {"analytics": "no"}}}
    body = {"site": SITE.key, "page": "/", "anonymousId": "x", "context": told}
    answer = await shop.visitor.post("/v1/decide", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_consent")


async def test_the_site_says_that_it_honours_gpc(shop: Shop) -> None:
    answer = await shop.visitor.get("/.well-known/gpc.json")
    assert (answer.status_code, answer.json()) == (200, {"gpc": True})
    assert answer.headers["content-type"].startswith("application/json")


async def test_a_site_decides_what_a_signal_means() -> None:
    both = Signals(gpc=("analytics",), dnt=("analytics", "personalization"))
    assert both.withheld(()) == ()
    assert both.withheld(("gpc",)) == ("analytics",)
    assert both.withheld(("gpc", "dnt")) == ("analytics", "personalization")
    assert Signals().withheld(("gpc", "dnt")) == ("personalization",)
    assert consent_with({}, ("analytics",)) == {"analytics": False}
    assert consent_with(allows(True), both.withheld(("dnt",))) == {"analytics": False, "personalization": True}
