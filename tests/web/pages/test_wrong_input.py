"""What can be wrong with slots, previews and content: the editor is told, and the visitor sees a page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.web.editing import Desk
from tests.web.pages.bank import PARTS, Bank, open_bank
from tests.web.pages.test_pages import title
from tests.web.pages.test_preview import decided, link
from tests.web.shop import NOON

pytestmark = pytest.mark.asyncio(loop_scope="module")
MANY = 10_000
SHOWN = 100
"""So many items of a collection does a block show."""
HEADING = {"kind": "heading", "settings": {"text": {"en": "In the slot"}}}


def _parts() -> dict[str, Any]:
    broken = [
        {"key": "gone", "segment": "savers", "overrides": {"kind": "star-map"}},
        {"key": "odd", "segment": "near", "overrides": {"settings": {"text": 5}}},
    ]
    blocks = {
        "title": {"kind": "heading", "position": "a", "settings": {"text": {"en": "Only English"}}},
        "promo": {"kind": "slot", "position": "b", "settings": {"slot": "promo"}},
        "end": {"kind": "rich-text", "position": "c", "settings": {"text": "<p>The end</p>"}},
    }
    whole = {"list": {"kind": "card-list", "position": "a", "collection": "whole"}}
    items = {f"item-{at}": {"type": "thing", "fields": {"title": f"Item {at}"}} for at in range(MANY)}
    return {
        "content": {**PARTS["content"], **items},
        "collections": {**PARTS["collections"], "whole": {"query": {"types": ["thing"]}}, "named": {"items": [*items]}},
        "pages": {
            **PARTS["pages"],
            "one": {"path": "/one", "title": {"en": "One"}, "blocks": blocks},
            "whole": {"path": "/whole", "blocks": whole},
            "slotted": {
                "path": "/slotted",
                "blocks": {"s": {"kind": "slot", "position": "a", "settings": {"slot": "many"}}, **whole},
            },
        },
        "slots": {
            "promo": {"block": HEADING, "experiences": broken},
            "many": {"block": {"kind": "carousel", "collection": "named"}},
        },
    }


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    async with open_bank(tmp_path_factory.mktemp("wrong"), parts=_parts()) as bank:
        yield bank


@pytest.fixture
def bank(opened: Bank) -> Bank:
    opened.shop.now = NOON
    return opened


def items(html: str) -> list[str]:
    return re.findall(r' data-lenticular-item="([^"]*)"', html)


async def render(bank: Bank, **asked: Any) -> Any:
    answer = await bank.shop.admin.post("/api/sites/shop/render", json=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("campaign", ["save", "retire"])
async def test_a_slot_that_can_not_be_shown_costs_the_visitor_its_experience_alone(bank: Bank, campaign: str) -> None:
    page = await bank.page(f"/en/one?utm_campaign={campaign}")
    assert page.status_code == 200
    for text in (">Only English<", ">In the slot<", "The end"):
        assert text in page.text
    answer = await bank.shop.decide(
        bank.shop.someone(), page="/one", render=True, context={"url": f"https://b.example/?utm_campaign={campaign}"}
    )
    assert ">In the slot<" in answer["page"]["html"] and answer["slots"]["promo"]["experience"] is not None
    assert [one["place"] for one in answer["problems"]] == ["slot promo"]


async def test_the_editor_of_such_a_slot_is_told(bank: Bank) -> None:
    made = await render(bank, page="/one", segments=["savers"], definitions=[_slot()])
    assert ">In the slot<" in made["html"]
    assert ("catalog.unknown-kind", "slots/promo/experiences/0/overrides/kind") in [
        (one["code"], one["place"]) for one in made["problems"]
    ]
    assert ("catalog.block-settings", "slots/promo/experiences/1/overrides/settings/text") in [
        (one["code"], one["place"]) for one in made["problems"]
    ]


def _slot() -> dict[str, Any]:
    return {"kind": "slots", "key": "promo", "body": _parts()["slots"]["promo"]}


@pytest.mark.parametrize("path", ["/es/one", "/en/one"])
async def test_a_language_without_texts_gets_another_one_s(bank: Bank, path: str) -> None:
    page = await bank.page(path)
    assert page.status_code == 200 and "<title>One</title>" in page.text
    assert ">Only English<" in page.text and ">In the slot<" in page.text
    preview = await bank.page((await link(bank, page="/one")).replace("/one?", f"{path}?"))
    assert ">In the slot<" in preview.text
    made = await render(bank, page="/one", locale="fr")
    assert ">Only English<" in made["html"] and '<html lang="en"' in made["document"]


async def test_an_unknown_slot_is_named_with_the_nearest_and_the_rest_is_there(bank: Bank) -> None:
    answer = await bank.shop.decide(bank.shop.someone(), page="/one", slots=["promoo"], render=True)
    assert ">Only English<" in answer["page"]["html"] and list(answer["slots"]) == ["promo"]
    [problem] = answer["problems"]
    assert (problem["code"], problem["hint"]) == ("decide.unknown-slot", "Did you mean promo?")
    token = (await link(bank, page="/one")).partition("=")[2]
    answer = (await decided(bank, token, page="/one", slots=["promoo"])).json()
    assert [one["code"] for one in answer["problems"]] == ["decide.unknown-slot"]


async def test_ten_thousand_items_are_shown_a_hundred_at_a_time(bank: Bank) -> None:
    page = await bank.page("/en/whole")
    assert page.status_code == 200 and len(items(page.text)) == SHOWN
    slotted = await bank.page("/en/slotted")
    found = items(slotted.text)
    assert len(found) == 2 * SHOWN == len(set(found)), "no item twice, on the page and in its slot"
    made = await render(bank, page="/whole", segments=[])
    assert len(items(made["html"])) == SHOWN
    previewed = await bank.page(await link(bank, page="/whole"))
    assert len(items(previewed.text.partition("<main")[2])) == SHOWN and len(previewed.content) < 1_000_000


async def test_two_editors_at_once_see_each_their_own_and_neither_is_lost(bank: Bank) -> None:
    desk = Desk(bank.shop)
    before = (await desk.get("definitions/pages/home"))["body"]

    def titled(text: str) -> dict[str, Any]:
        hero = {**before["blocks"]["hero"], "settings": {"title": {"en": text}}}
        return {**before, "blocks": {**before["blocks"], "hero": hero}}

    async def edit(text: str) -> None:
        for at in range(5):
            edited = {"kind": "pages", "key": "home", "body": titled(f"{text} {at}")}
            made = await render(bank, page="/", segments=[], definitions=[edited], drafts=True)
            assert f">{text} {at}<" in made["html"]

    await asyncio.gather(edit("Mine"), edit("Yours"))
    try:
        first = await desk.put("pages/home", {"body": titled("Mine")}, 0)
        second = await desk.put("pages/home", {"body": {**before, "noindex": True}}, 0)
        assert (first.status_code, second.status_code) == (200, 412)
        merge = second.json()["merge"]
        assert merge["merged"]["blocks"]["hero"]["settings"] == {"title": {"en": "Mine"}}, "both changes are in it"
        assert merge["merged"]["noindex"] is True and merge["conflicts"] == []
        assert title(await bank.page(await link(bank, drafts=True))) == "Mine"
    finally:
        await desk.clean()


@pytest.mark.parametrize("wrong", ["", "AAAA.BBBB", "A" * 9_000])
async def test_a_link_that_is_none_shows_a_page_that_says_so(bank: Bank, wrong: str) -> None:
    for path in ("/one", "/slotted", "/nothing"):
        page = await bank.page(f"{path}?lenticular-preview={wrong}")
        assert page.status_code == 403 and "not one of this server" in page.text
        assert "In the slot" not in page.text and page.headers["cache-control"] == "no-store"
