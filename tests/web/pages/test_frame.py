"""The menu, the foot and the languages around every hosted page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.web.pages.bank import Bank

pytestmark = pytest.mark.asyncio(loop_scope="session")
MENU: dict[str, Any] = {
    "navigation": (
        {"label": {"en": "College", "es": "Universidad"}, "url": "/college"},
        {"label": {"en": "News", "es": "Noticias"}, "url": "/news"},
        {"label": "Elsewhere", "url": "https://other.example/x"},
        {"label": "Sign in <now>", "url": "/contact", "button": True},
    ),
    "footer": {"en": "A bank & more", "es": "Un banco"},
    "links": ({"label": {"en": "Offers", "es": "Ofertas"}, "url": "/offers"},),
}


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def as_it_was(bank: Bank) -> AsyncIterator[None]:
    """Afterwards the bank is as the other tests know it."""
    yield
    await bank.make()


def menu(text: str) -> list[tuple[str, ...]]:
    """Return what stands in the header's links: their attributes and their words."""
    header = text.partition("<header")[2].partition("</header>")[0]
    return re.findall(r"<li><a([^>]*)>([^<]*)<", header)


async def test_the_menu_is_on_every_page_and_says_where_one_is(bank: Bank) -> None:
    await bank.make(**MENU)
    home = await bank.page("/")
    assert '<a class="lt-site-name" href="/">The Bank</a>' in home.text
    assert [words for _, words in menu(home.text)] == ["College", "News", "Elsewhere", "Sign in &lt;now&gt;"]
    assert menu(home.text)[-1][0] == ' class="lt-menu-button" href="/contact"'
    assert "aria-current" not in home.text.partition("<footer")[0]
    college = {words: said for said, words in menu((await bank.page("/college")).text)}
    assert college["College"] == ' href="/college" aria-current="page"'
    article = {words: said for said, words in menu((await bank.page("/news/one")).text)}
    assert article["News"] == ' href="/news" aria-current="true"'
    for path, status in (("/nowhere", 404), ("/404", 404)):
        lost = await bank.page(path)
        assert lost.status_code == status and len(menu(lost.text)) == 4


async def test_the_foot_has_its_text_its_links_and_the_other_languages(bank: Bank) -> None:
    await bank.make(**MENU)
    foot = (await bank.page("/es/college")).text.partition("<footer")[2]
    assert "<p>Un banco</p>" in foot and '<a href="/es/offers">Ofertas</a>' in foot
    assert '<a href="/en/college" hreflang="en" lang="en">English</a>' in foot
    assert '<a href="/es/college" hreflang="es" lang="es" aria-current="page">Español</a>' in foot
    assert "A bank &amp; more" in (await bank.page("/nowhere")).text


async def test_without_any_of_it_nothing_is_there(bank: Bank) -> None:
    await bank.make(locales=("en",), banner={"show": False})
    page = await bank.page("/")
    assert "<header" not in page.text and "<footer" not in page.text and "consent.js" not in page.text


async def test_links_stay_in_the_language_of_the_address(bank: Bank) -> None:
    links = (
        '<p><a href="/college">A</a> <a href="/college?a=1#b">B</a> <a href="/nowhere">C</a> <a href="/en">D</a></p>'
    )
    blocks = {
        "text": {"kind": "rich-text", "position": "a", "settings": {"text": links}},
        "find": {"kind": "search", "position": "b", "settings": {"action": "/offers"}},
        "home": {"kind": "hero", "position": "c", "settings": {"title": "T", "action": {"label": "L", "url": "/"}}},
    }
    parts = {"pages": {key: {"path": f"/{key}", "blocks": blocks} for key in ("links", "college", "offers")}}
    parts["pages"]["home"] = {"path": "/", "blocks": {}}
    await bank.make(parts=parts, **MENU)
    spanish, plain = (await bank.page("/es/links")).text, (await bank.page("/links")).text
    for there in (
        '"/es/college"',
        '"/es/college?a=1#b"',
        '"/nowhere"',
        '"/en"',
        'href="/es">L<',
        'action="/es/offers"',
    ):
        assert there in spanish, there
    assert '<a class="lt-site-name" href="/es">' in spanish and 'href="/es/college">Universidad' in spanish
    for there in ('"/college"', 'href="/">L<', 'action="/offers"', 'href="/college">College'):
        assert there in plain, there


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "May this site remember your visits?"), ("es", "¿Puede este sitio recordar sus visitas?")],
)
async def test_what_nobody_wrote_is_said_in_our_words(bank: Bank, language: str, said: str) -> None:
    await bank.make(consent="ask")
    assert said in (await bank.page(f"/{language}")).text
