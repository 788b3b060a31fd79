"""One page for many items: the one that the address names, and 404 where there is none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.web.pages.bank import PARTS, Bank
from tests.web.pages.test_pages import decision
from tests.web.shop import HOUR

pytestmark = pytest.mark.asyncio(loop_scope="session")
BODY = {"en": "<p>The <b>whole</b> story</p>", "es": "<p>Toda la historia</p>"}


def story(title: str, **more: Any) -> dict[str, Any]:
    fields = {"title": {"en": title, "es": f"{title} (es)"}, "summary": f"{title} & more", "body": BODY}
    return {"type": "story", "fields": {**fields, "image": "/a.webp"}, **more}


ARTICLES: dict[str, Any] = {
    "types": {
        "story": {
            "fields": [
                {"key": "title", "type": "text", "localized": True},
                {"key": "summary", "type": "text"},
                {"key": "body", "type": "richText", "localized": True},
                {"key": "image", "type": "image"},
            ]
        }
    },
    "content": {
        **PARTS["content"],
        "rates": story("Rates hold"),
        "branch": story("A branch opens", cap={"limit": 1, "per": "day"}),
        "later": story("Not yet", start="2026-11-23 13:00"),
        "over": story("Long ago", end="2026-11-01"),
    },
    "collections": {
        **PARTS["collections"],
        "one": {"query": {"types": ["story"]}, "parameter": "slug"},
        "all": {"query": {"types": ["story"], "sort": [{"by": "name"}]}},
    },
    "pages": {
        **PARTS["pages"],
        "article": {
            "path": "/news/:slug",
            "blocks": {
                "article": {"kind": "article", "position": "a", "collection": "one"},
                "more": {"kind": "card-list", "position": "b", "collection": "all"},
            },
            "experiences": [
                {"key": "s", "segment": "students", "overrides": {"more": {"hidden": True}}},
            ],
        },
    },
}


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def with_articles(bank: Bank) -> AsyncIterator[None]:
    """The bank has articles; afterwards it is as the other tests know it."""
    await bank.make(parts=ARTICLES)
    yield
    await bank.make()


def items(page: httpx.Response, block: str) -> list[str]:
    [found] = [one for one in decision(page)["page"]["blocks"] if one["id"] == block]
    return [item["key"] for item in found["items"]]


async def test_each_address_shows_its_item_and_no_other_list_shows_it_again(bank: Bank) -> None:
    rates, branch = await bank.page("/news/rates"), await bank.page("/news/branch")
    assert (items(rates, "article"), items(rates, "more")) == (["rates"], ["branch"])
    assert (items(branch, "article"), items(branch, "more")) == (["branch"], ["rates"])
    assert '<h1 class="lt-h " id="lt-article-title">Rates hold</h1>' in rates.text
    assert "<p>The <b>whole</b> story</p>" in rates.text and rates.headers["etag"] != branch.headers["etag"]
    assert 'data-lenticular-page="/news/rates"' in rates.text


async def test_the_item_is_what_the_page_says_of_itself(bank: Bank) -> None:
    page = (await bank.page("/es/news/rates")).text
    assert "<title>Rates hold (es)</title>" in page and "Toda la historia" in page
    assert '<meta name="description" content="Rates hold &amp; more">' in page
    assert re.search(r'og:image" content="http://www\.bank\.example(:\d+)?/a\.webp"', page)
    assert re.search(r'rel="canonical" href="http://www\.bank\.example(:\d+)?/es/news/rates"', page)


@pytest.mark.parametrize("path", ["/news/nothing", "/news/later", "/news/over", "/news/loan", "/es/news/nothing"])
async def test_without_its_item_there_is_no_page(bank: Bank, path: str) -> None:
    page = await bank.page(path)
    assert page.status_code == 404 and "We looked" in page.text and "canonical" not in page.text


async def test_it_is_there_from_its_start_on(bank: Bank) -> None:
    assert (await bank.page("/news/later")).status_code == 404
    assert "/en/news/later" not in (await bank.page("/sitemap.xml")).text
    bank.shop.now += HOUR
    assert "Not yet" in (await bank.page("/news/later")).text
    assert "/en/news/later" in (await bank.page("/sitemap.xml")).text


async def test_a_cap_takes_the_item_away_but_not_the_page(bank: Bank) -> None:
    me = bank.shop.someone()
    told = {"cookie": f"lenticular_id={me}"}
    assert "A branch opens" in (await bank.page("/news/branch", **told)).text
    again = await bank.page("/news/branch", **told)
    assert again.status_code == 200 and items(again, "article") == []


async def test_experiences_differ_as_on_any_page(bank: Bank) -> None:
    page = await bank.page("/news/rates?utm_campaign=campus")
    assert [one["id"] for one in decision(page)["page"]["blocks"]] == ["article"]


async def test_the_sitemap_has_a_line_for_each(bank: Bank) -> None:
    found = re.findall(r"<loc>[^<]*/en(/news[^<]*)</loc>", (await bank.page("/sitemap.xml")).text)
    assert found == ["/news/branch", "/news/rates"]


@pytest.mark.parametrize(("slug", "status"), [("rates", 200), ("nothing", 404), ("later", 404)])
async def test_a_decision_knows_it_too(bank: Bank, slug: str, status: int) -> None:
    asked = {"site": "shop", "page": f"/news/{slug}", "anonymousId": bank.shop.someone(), "render": True}
    answer = await bank.shop.visitor.post("/v1/decide", json=asked)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["page"]["blocks"][0]["items"][0]["key"] == slug


async def test_a_preview_of_it_works_and_one_of_nothing_says_so(bank: Bank) -> None:
    made = (await bank.shop.admin.post("/api/sites/shop/preview-links", json={"page": "/news/rates"})).json()
    assert "Rates hold" in (await bank.page(made["path"])).text
    lost = await bank.page(made["path"].replace("/news/rates", "/news/nothing"))
    assert lost.status_code == 404
