"""`/v1/decide` with `render`: the HTML of pages and slots over real HTTP."""

from __future__ import annotations

import logging

import pytest

from lenticular.app.publish import publish
from tests.web.shop import Shop, shop_catalog

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_no_html_comes_unless_it_is_asked_for(shop: Shop) -> None:
    answer = await shop.decide(shop.someone(), page="/", slots=["promo"])
    assert "html" not in answer["page"]
    assert "html" not in answer["slots"]["promo"]


async def test_the_html_of_a_page_has_its_blocks_by_their_ids(shop: Shop) -> None:
    college = {"url": "https://shop.example/college"}
    stranger = await shop.decide(shop.someone(), page="/", render=True)
    student = await shop.decide(shop.someone(), page="/", render=True, context=college)
    assert 'data-lenticular-block="hero" data-lenticular-kind="hero"' in stranger["page"]["html"]
    assert '<h1 class="lt-h lt-hero-title" id="lt-hero-title">Welcome</h1>' in stranger["page"]["html"]
    assert ">Hi</h1>" in student["page"]["html"]


async def test_what_cannot_be_rendered_is_left_out_and_told(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    await publish(shop.site, shop_catalog())  # what was rendered before is forgotten
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            answer = await shop.decide(shop.someone(), page="/", slots=["plain"], render=True)
    assert "offers" not in answer["page"]["html"]
    assert answer["slots"]["plain"]["html"] == ""
    assert [(one["code"], one["place"]) for one in answer["problems"]] == [
        ("block.unknown-kind", "page //offers"),
        ("block.unknown-kind", "slot plain"),
    ]
    told = [record for record in caplog.records if record.name == "lenticular.web.decide"]
    assert len(told) == 2  # once for each block, not for each visitor


async def test_get_renders_too(shop: Shop) -> None:
    got = await shop.visitor.get("/v1/decide", params={"site": "shop", "page": "/", "render": "1", "locale": "en-GB"})
    assert 'lang="en-GB" dir="ltr"' in got.json()["page"]["html"]
