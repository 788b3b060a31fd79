"""Who a visitor of a hosted page is: cookies, consent, and what is counted when."""

from __future__ import annotations

import html
import re
from urllib.parse import quote

import pytest

from tests.web.pages.bank import PEOPLE, Bank
from tests.web.pages.test_pages import cookie, decision, title
from tests.web.shop import HOUR

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_offer_is_seen_once_a_day_without_any_script(bank: Bank) -> None:
    first = await bank.page("/")
    me = cookie(first)
    assert ">The gold card<" in first.text
    bank.shop.now += HOUR  # no reservation holds that long
    again = await bank.page("/", cookie=f"lenticular_id={me}")
    assert ">The gold card<" not in again.text and "set-cookie" not in again.headers
    [ad] = [block for block in decision(again)["page"]["blocks"] if block["id"] == "ad"]
    assert ad["reason"] == "CAPPED"
    bank.shop.now += 24 * HOUR
    assert ">The gold card<" in (await bank.page("/", cookie=f"lenticular_id={me}")).text


async def test_the_tag_counts_nothing_twice(bank: Bank) -> None:
    first = await bank.page("/")
    me, made = cookie(first), decision(first)["id"]
    message = {"messageId": f"{made}:card", "properties": {"item": "card", "decision": made}}
    await bank.shop.track(me, "Impression", **message)
    await bank.shop.settled()
    profile = bank.shop.site.collector.current(me, "")
    assert profile is not None and profile.shown["card"].count == 1


async def test_without_a_script_a_pixel_counts_what_has_no_cap(bank: Bank) -> None:
    page = await bank.page(PEOPLE["students"])
    me, made = cookie(page), decision(page)
    [address] = re.findall(r'<noscript><img src="([^"]+)" alt="" width="1" height="1"></noscript>', page.text)
    items = [item["key"] for block in made["page"]["blocks"] for item in block["items"]]
    for _ in range(2):
        pixel = await bank.page(html.unescape(address), cookie=f"lenticular_id={me}")
        assert pixel.status_code == 200 and pixel.headers["content-type"] == "image/gif"
        assert pixel.headers["cache-control"] == "no-store" and pixel.content.startswith(b"GIF89a")
    await bank.shop.settled()
    profile = bank.shop.site.collector.current(me, "")
    assert profile is not None and {key: one.count for key, one in profile.shown.items()} == dict.fromkeys(items, 1)
    seen = [one for _, one in bank.shop.site.stores.journal.read(0, 100_000) if one.anonymous_id == me]
    assert {one.properties["t_block"] for one in seen if one.name == "Impression"} <= {
        block["id"] for block in made["page"]["blocks"]
    }


@pytest.mark.parametrize("who", ["", "lenticular_consent=00; lenticular_id=refuser", "lenticular_id=refuser"])
async def test_the_pixel_counts_nothing_of_nobody(bank: Bank, who: str) -> None:
    machine = {} if "consent" in who or not who else {"user_agent": "curl/8"}
    where = "/lenticular/seen?site=shop&decision=d1&items=" + quote('[{"item": "card"}]')
    assert (await bank.page(where, **({"cookie": who} if who else {}), **machine)).status_code == 200
    assert await bank.events("refuser") == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "site=shop&decision=d&items=1",
        "site=no&decision=d&items=[{}]",
        "site=shop&decision=d&items=[{}]",
        "items=%ff&site=shop",
    ],
)
async def test_a_pixel_that_says_nothing(bank: Bank, query: str) -> None:
    assert (await bank.page(f"/lenticular/seen?{query}")).status_code == 400


async def test_an_impression_says_where(bank: Bank) -> None:
    me = cookie(await bank.page(PEOPLE["students"]))
    await bank.shop.settled()
    journal = bank.shop.site.stores.journal
    [seen] = [one for _, one in journal.read(0, 100_000) if one.anonymous_id == me and one.name == "Impression"]
    assert seen.properties == {
        "t_item": "card",
        "t_decision": seen.message_id.removesuffix(":card"),
        "t_block": "ad",
        "t_experience": "students",
        "t_collection": "ads",
    }


@pytest.mark.parametrize(("method", "told"), [("HEAD", {}), ("GET", {"sec_purpose": "prefetch;prerender"})])
async def test_what_nobody_looks_at_is_not_seen(bank: Bank, method: str, told: dict[str, str]) -> None:
    me = f"unseen-{method}"
    await bank.page("/", method, cookie=f"lenticular_id={me}", **told)
    assert all(kind != "track" for kind, _ in await bank.events(me))


async def test_the_first_page_of_a_visit_counts_for_the_later_ones(bank: Bank) -> None:
    me = cookie(await bank.page(PEOPLE["savers"]))
    assert title(await bank.page("/", cookie=f"lenticular_id={me}")) == "For savers"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({}, True),
        ({"sec_gpc": "1"}, False),
        ({"cookie": "lenticular_consent=00"}, False),
        ({"cookie": "lenticular_consent=10"}, True),
        ({"cookie": "lenticular_consent=11", "sec_gpc": "1"}, True),
        ({"cookie": "lenticular_consent=9; lenticular_id=a b"}, True),
    ],
)
async def test_an_id_is_given_where_it_may_be(bank: Bank, told: dict[str, str], kept: bool) -> None:
    assert ("set-cookie" in (await bank.page("/college", **told)).headers) is kept


async def test_who_refuses_everything_is_nobody_though_they_have_an_id(bank: Bank) -> None:
    await bank.page("/", cookie="lenticular_consent=00; lenticular_id=refuses-1")
    assert await bank.events("refuses-1") == []


async def test_without_personalization_the_page_is_the_default_for_what_needs_it(bank: Bank) -> None:
    page = await bank.page(PEOPLE["students"], cookie="lenticular_consent=10; lenticular_id=analytics-1")
    assert page.status_code == 200
    profile = bank.shop.site.collector.current("analytics-1", "")
    await bank.shop.settled()
    profile = bank.shop.site.collector.current("analytics-1", "")
    assert profile is not None and profile.withheld


async def test_where_consent_is_asked_for_nothing_is_kept_before_it(bank: Bank) -> None:
    await bank.make(consent="ask")
    try:
        page = await bank.page(PEOPLE["students"], cookie="lenticular_id=asked-1")
        assert title(page) == "For students" and "set-cookie" not in page.headers  # what the address says is no secret
        assert 'data-consent="ask"' in page.text
        assert await bank.events("asked-1") == []
        agreed = await bank.page("/", cookie="lenticular_id=asked-1; lenticular_consent=11")
        assert agreed.status_code == 200 and await bank.events("asked-1") != []
    finally:
        await bank.make()
