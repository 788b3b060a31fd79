"""The question for consent on hosted pages: asked until it is answered, without any script, and from here only."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from lenticular.criteria.purposes import PURPOSES
from tests.web.pages.bank import BROWSER, CRAWLER, HOST, PEOPLE, Bank
from tests.web.pages.test_pages import title

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def asking(bank: Bank) -> AsyncIterator[None]:
    """The bank asks; afterwards it is as the other tests know it."""
    await bank.make(consent="ask")
    yield
    await bank.make()


async def answered(bank: Bank, answer: str, back: str = "/", site: str = "shop", **headers: str) -> httpx.Response:
    """Return what a browser gets that sends the form of a page."""
    told = {"host": HOST, "user-agent": BROWSER, "origin": f"http://{HOST}", "sec-fetch-site": "same-origin"}
    told |= {"referer": f"http://{HOST}{back}"} | {name.replace("_", "-"): value for name, value in headers.items()}
    bank.shop.visitor.cookies.clear()
    data = {"site": site, "answer": answer}
    return await bank.shop.visitor.post("/lenticular/consent", data=data, headers={k: v for k, v in told.items() if v})


def cookies(answer: httpx.Response) -> dict[str, str]:
    """Return the cookies that an answer sets, with all that is said of them."""
    return dict(one.split("=", 1) for one in answer.headers.get_list("set-cookie"))


def asks(page: httpx.Response) -> bool:
    return 'class="lt-consent"' in page.text


async def test_who_has_not_answered_is_asked_with_two_buttons_alike(bank: Bank) -> None:
    page = await bank.page("/")
    assert asks(page) and "set-cookie" not in page.headers and "lt-choices" not in page.text
    assert page.headers["cache-control"] == "private, no-cache"
    form = page.text.partition('action="/lenticular/consent"')[2].partition("</form>")[0]
    assert re.findall(r"<button([^>]*)>([^<]+)<", form) == [
        (' name="answer" value="00"', "Only what is needed"),
        (' name="answer" value="11"', "Accept"),
    ]
    assert page.text.index('class="lt-skip"') < page.text.index('class="lt-consent"') < page.text.index("<main")


async def test_who_accepts_is_remembered_from_the_next_page_on(bank: Bank) -> None:
    said = await answered(bank, "11", PEOPLE["students"])
    assert (said.status_code, said.headers["location"]) == (303, PEOPLE["students"])
    assert re.fullmatch(r"11; HttpOnly|11; .*Path=/.*", cookies(said)["lenticular_consent"])
    assert "Max-Age=34560000" in cookies(said)["lenticular_consent"] and "lenticular_id" not in cookies(said)
    page = await bank.page(PEOPLE["students"], cookie="lenticular_consent=11")
    assert title(page) == "For students" and not asks(page)
    assert "lenticular_id" in page.headers["set-cookie"] and "You have agreed" in page.text


async def test_who_refuses_gets_the_default_and_nothing_is_kept(bank: Bank) -> None:
    me = bank.shop.someone()
    first = await bank.page(PEOPLE["students"], cookie=f"lenticular_consent=11; lenticular_id={me}")
    assert title(first) == "For students"
    bank.shop.now += 1_000
    said = await answered(bank, "00", cookie=f"lenticular_consent=11; lenticular_id={me}")
    assert said.status_code == 303 and cookies(said)["lenticular_consent"].startswith("00;")
    assert cookies(said)["lenticular_id"].startswith('""; ') or cookies(said)["lenticular_id"].startswith(";")
    assert "Max-Age=0" in cookies(said)["lenticular_id"]
    page = await bank.page("/", cookie="lenticular_consent=00")
    assert title(page) == "Welcome" and not asks(page) and "set-cookie" not in page.headers
    assert "Nothing is kept of your visits." in page.text
    profile = bank.shop.site.collector.current(me, "")
    assert profile is not None and profile.withheld == PURPOSES["analytics"] | PURPOSES["personalization"]
    kept = await bank.events(me)
    assert title(await bank.page("/", cookie=f"lenticular_consent=00; lenticular_id={me}")) == "Welcome"
    assert await bank.events(me) == kept


async def test_one_changes_ones_mind_at_the_foot_of_the_page(bank: Bank) -> None:
    page = await bank.page("/", cookie="lenticular_consent=00")
    choices = page.text.partition('<details class="lt-choices">')[2].partition("</details>")[0]
    assert "<summary>Privacy choices</summary>" in choices and choices.count("<button") == 2
    await bank.make(consent="assumed")
    assert "lt-choices" in (await bank.page("/")).text and not asks(await bank.page("/"))


async def test_the_banner_says_what_the_site_says(bank: Bank) -> None:
    more = {"label": {"en": "More", "es": "Más"}, "url": "/college"}
    own = {"title": {"en": "Cookies?", "es": "¿Galletas?"}, "text": "Sweet & small", "accept": "Yes", "more": more}
    await bank.make(consent="ask", banner=own)
    page = (await bank.page("/es")).text
    for text in ("¿Galletas?", "Sweet &amp; small", ">Yes<", '<a href="/es/college">Más</a>', "Solo lo necesario"):
        assert text in page, text
    await bank.make(consent="ask", banner={"show": False})
    page = (await bank.page("/")).text
    assert "/lenticular/consent" not in page and 'data-consent="ask"' in page


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "", "origin": "https://evil.example"},
        {"sec_fetch_site": "", "origin": "null"},
    ],
)
async def test_another_site_answers_for_nobody(bank: Bank, headers: dict[str, str]) -> None:
    said = await answered(bank, "11", **headers)
    assert said.status_code == 403 and "set-cookie" not in said.headers


@pytest.mark.parametrize(
    ("answer", "site"), [("", "shop"), ("1", "shop"), ("yes", "shop"), ("11", "nobody"), ("11", "")]
)
async def test_what_is_no_answer_is_refused(bank: Bank, answer: str, site: str) -> None:
    said = await answered(bank, answer, site=site)
    assert said.status_code == 400 and "set-cookie" not in said.headers


@pytest.mark.parametrize(
    ("referer", "where"),
    [
        (f"http://{HOST}/college?a=1&b=2", "/college?a=1&b=2"),
        ("http://evil.example/x", "/"),
        (f"http://{HOST}//evil.example", "/"),
        ("http://[", "/"),
        ("", "/"),
    ],
)
async def test_it_leads_back_to_a_page_of_this_site(bank: Bank, referer: str, where: str) -> None:
    assert (await answered(bank, "11", referer=referer)).headers["location"] == where


async def test_nobody_is_asked_in_a_preview_and_an_answer_there_is_none(bank: Bank) -> None:
    made = await bank.shop.admin.post("/api/sites/shop/preview-links", json={"page": "/"})
    path = made.json()["path"]
    page = await bank.page(path)
    assert not asks(page)
    said = await answered(bank, "11", path)
    assert said.headers["location"] == path and "set-cookie" not in said.headers


async def test_the_script_lets_go_of_what_the_browser_keeps(bank: Bank) -> None:
    assert '<script src="/lenticular/consent.js" defer></script>' in (await bank.page("/")).text
    script = await bank.shop.visitor.get("/lenticular/consent.js")
    assert script.headers["content-type"].startswith("text/javascript") and "lenticular?.consent" in script.text


async def test_a_crawler_is_shown_the_page(bank: Bank) -> None:
    page = await bank.page("/", user_agent=CRAWLER)
    assert page.status_code == 200 and "set-cookie" not in page.headers
