"""Slots on hosted pages: decided and sent with the page, marked, counted as slots."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_asyncio

from tests.web.editing import Desk
from tests.web.pages.bank import PARTS, Bank
from tests.web.pages.test_pages import cookie, decision
from tests.web.pages.test_preview import link

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGE: dict[str, Any] = {
    "path": "/deals",
    "blocks": {
        "title": {"kind": "heading", "position": "a", "settings": {"text": "Deals"}},
        "promo": {"kind": "slot", "position": "b", "settings": {"slot": "promo"}},
    },
}
SLOT: dict[str, Any] = {
    "block": {"kind": "offer", "collection": "ads", "settings": {"label": "For you"}},
    "experiences": [
        {"key": "savers", "segment": "savers", "overrides": {"settings": {"label": "For savers"}}},
    ],
}


@pytest_asyncio.fixture(loop_scope="session")
async def deals(bank: Bank) -> Any:
    """The bank with a page that shows a slot."""
    await bank.make(parts={"pages": {**PARTS["pages"], "deals": PAGE}, "slots": {"promo": SLOT}})
    yield bank
    await bank.make()


async def test_a_page_brings_its_slot_along(deals: Bank) -> None:
    page = await deals.page("/en/deals?utm_campaign=save")
    body = page.text.partition("<body")[2]
    assert body.count('data-lenticular-slot="promo"') == 1 and ">The gold card<" in body and "For savers" in body
    told = decision(page)
    promo = told["slots"]["promo"]
    assert (promo["experience"], [one["key"] for one in promo["items"]]) == ("savers", ["card"])
    assert "html" not in promo and "html" not in told["page"], "it stands in the body once"


async def test_what_is_seen_in_it_counts_and_says_so(deals: Bank) -> None:
    first = await deals.page("/en/deals?utm_campaign=save")
    me = cookie(first)
    await deals.shop.settled()
    journal = deals.shop.site.stores.journal
    [seen] = [one for _, one in journal.read(0, 100_000) if one.anonymous_id == me and one.name == "Impression"]
    named = {name: seen.properties.get(f"t_{name}") for name in ("item", "slot", "experience", "collection", "block")}
    assert named == {"item": "card", "slot": "promo", "experience": "savers", "collection": "ads", "block": None}
    again = await deals.page("/en/deals", cookie=f"lenticular_id={me}")
    assert "The gold card" not in again.text and first.headers["etag"] != again.headers["etag"]


async def test_a_page_with_items_in_a_slot_is_a_new_one_each_time(deals: Bank) -> None:
    one, other = [await deals.page("/en/deals") for _ in range(2)]
    assert one.headers["etag"] != other.headers["etag"] and one.headers["cache-control"] == "private, no-cache"


async def test_decide_renders_it_for_a_page_elsewhere(deals: Bank) -> None:
    answer = await deals.shop.decide(deals.shop.someone(), page="/deals", slots=["promo"], render=True)
    assert answer["slots"]["promo"]["html"] in answer["page"]["html"]
    assert 'data-lenticular-slot="promo"' in answer["page"]["html"]
    alone = await deals.shop.decide(deals.shop.someone(), page="/deals")
    assert list(alone["slots"]) == ["promo"]


async def test_a_preview_says_why_a_slot_is_as_it_is(deals: Bank) -> None:
    page = await deals.page(await link(deals, page="/deals", segments=["savers"]))
    assert "Slot promo: <code>PREVIEW</code>" in page.text and "For savers" in page.text


async def test_a_slot_that_a_page_shows_can_neither_go_nor_be_mistyped(deals: Bank) -> None:
    desk = Desk(deals.shop)
    try:
        answer = await desk.ask("PUT", "drafts/slots/promo", {"action": "archive"}, "*")
        assert answer.status_code == 200, answer.text
        answer = await desk.publish("slots/promo")
        assert answer.status_code == 422 and "is used by page" in answer.text
        blocks = {**PAGE["blocks"], "promo": {**PAGE["blocks"]["promo"], "settings": {"slot": "prom"}}}
        await desk.clean()
        await desk.save("pages/deals", {**PAGE, "blocks": blocks})
        seen = await desk.preview("pages/deals")
        [problem] = [one for one in seen["problems"] if one["code"] == "catalog.unknown-slot"]
        assert problem["hint"] == "Did you mean promo?"
        await desk.save("pages/deals", {**PAGE, "blocks": {"title": PAGE["blocks"]["title"]}})
        await desk.ask("PUT", "drafts/slots/promo", {"action": "archive"}, "*")
        answer = await desk.publish("slots/promo", "pages/deals")
        assert answer.status_code == 201, answer.text
        page = await deals.page("/en/deals")
        assert page.status_code == 200 and "data-lenticular-slot" not in page.text
    finally:
        await desk.clean()
