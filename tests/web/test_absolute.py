"""On a page of another origin the addresses in a slot's HTML are whole; at home they stay as they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.web.pages.bank import HOST, Bank, open_bank

pytestmark = pytest.mark.asyncio(loop_scope="module")
TEXT = (
    '<p><a href="/college?a=1">A</a> <a href="https://b.example/x">B</a><a href="//c.example">C</a>'
    '<a href="#d">D</a><img src="/own.png" alt=""></p>'
)
PARTS: dict[str, Any] = {
    "slots": {
        "words": {"block": {"kind": "rich-text", "settings": {"text": TEXT}}},
        "form": {"block": {"kind": "form", "settings": {"title": "T"}}},
        "picture": {
            "block": {
                "kind": "image",
                "settings": {"picture": {"src": "/a.webp", "srcset": {"400": "/s.webp", "800": "/l.webp"}}},
            }
        },
    }
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Bank]:
    async with open_bank(tmp_path_factory.mktemp("absolute")) as opened:
        await opened.make(parts=PARTS)
        yield opened


async def html(bank: Bank, slot: str, **headers: str) -> str:
    asked = {"site": "shop", "slots": [slot], "anonymousId": "a", "render": True}
    answer = await bank.shop.visitor.post("/v1/decide", json=asked, headers={"host": HOST, **headers})
    found: str = answer.json()["slots"][slot]["html"]
    return found


@pytest.mark.parametrize("origin", ["https://magazine.example", f"http://{HOST}:8401", "null"])
async def test_elsewhere_paths_lead_to_the_site(bank: Bank, origin: str) -> None:
    text = await html(bank, "words", origin=origin)
    for address in (f"http://{HOST}/college?a=1", "https://b.example/x", "//c.example", "#d"):
        assert f'href="{address}"' in text
    assert f'src="http://{HOST}/own.png"' in text
    assert f'action="http://{HOST}/lenticular/form"' in await html(bank, "form", origin=origin)
    image = await html(bank, "picture", origin=origin)
    assert f'src="http://{HOST}/a.webp"' in image
    assert f'srcset="http://{HOST}/s.webp 400w, http://{HOST}/l.webp 800w"' in image


@pytest.mark.parametrize("headers", [{}, {"origin": f"http://{HOST}"}])
async def test_at_home_and_for_servers_they_stay(bank: Bank, headers: dict[str, str]) -> None:
    assert 'href="/college?a=1"' in await html(bank, "words", **headers)
    assert 'src="/a.webp" alt="" srcset="/s.webp 400w' in await html(bank, "picture", **headers)


async def test_paths_of_a_site_that_is_elsewhere_are_its_own(bank: Bank) -> None:
    await bank.make(parts=PARTS, hosts=[])
    elsewhere = {"origin": "https://www.bank.example", "host": "lt.example"}
    text = await html(bank, "words", **elsewhere)
    assert 'href="/college?a=1"' in text and 'src="/own.png"' in text
    await bank.make(parts=PARTS)


async def test_what_may_be_shared_differs_by_origin(bank: Bank) -> None:
    answer = await bank.shop.visitor.get("/v1/decide?site=shop&slots=words&render=1", headers={"host": HOST})
    assert answer.headers["cache-control"] == "public, max-age=60" and answer.headers["vary"] == "Origin"
