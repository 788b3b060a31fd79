"""Hosted pages in real Chromium: without a script, with the tag, under their policy, as a preview."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.clients.browsing import AGENT
from tests.clients.home import Home
from tests.decide.world import SITE
from tests.demo.test_browser import CHROMIUM, QUIET
from tests.demo.test_browser import pytestmark as pytestmark
from tests.tag.browsing import PATIENCE_MS, until
from tests.tag.conftest import BUILT
from tests.web.pages.bank import PARTS, PEOPLE
from tests.web.pages.test_slots import PAGE as DEALS
from tests.web.pages.test_slots import SLOT as PROMO

built = pytest.mark.skipif(not BUILT.is_dir(), reason="the tag is not built; `make tag` builds it")


class Open:
    """The bank in a browser; `wrong` is what the console complains of."""

    def __init__(self, home: Home, browser: Browser) -> None:
        self.url, self._http = home.url, home.server.http
        self._browser = browser
        self.wrong: list[str] = []

    def visitor(self, **options: Any) -> Page:
        """Return a tab of somebody new."""
        agent = AGENT.format(self._browser.version.split(".")[0])
        context = self._browser.new_context(user_agent=agent, locale="en-GB", **options)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        return page

    def link(self, **asked: Any) -> dict[str, str]:
        """Return a preview link that must be made."""
        answer = self._http.post("/api/sites/bank/preview-links", json=asked)
        assert answer.status_code == 201, answer.text
        found: dict[str, str] = answer.json()
        return found


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Browser]]:
    home = Home(tmp_path_factory.mktemp("hosted") / "data")
    home.server.api("PUT", "/api/sites/bank", {"timezone": SITE.timezone})
    live = home.server.api("GET", "/api/sites/bank/catalog")
    own = {**PARTS, "pages": {**PARTS["pages"], "deals": DEALS}, "slots": {"promo": PROMO}}
    parts = {kind: {key: {"key": key, **one} for key, one in members.items()} for kind, members in own.items()}
    site = {**live["site"], "locales": ["en", "es"], "hosting": {"hosts": ["*"], "consent": "assumed"}}
    home.server.api("PUT", "/api/sites/bank/catalog", {**live, **parts, "site": site | {"holdout": {"share": 0}}})
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-sync", *QUIET]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield home, browser
        browser.close()
    assert home.server.stop() == 0


def heard(page: Page) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the addresses that a tab asks, and the messages that it sends, as they go."""
    asked: list[str] = []
    sent: list[dict[str, Any]] = []

    def note(request: Request) -> None:
        asked.append(request.url)
        if "/v1/" in request.url and request.post_data:
            body = msgspec.json.decode(request.post_data)
            sent.extend(body.get("batch", [body]))

    page.on("request", note)
    return asked, sent


@pytest.fixture
def bank(opened: tuple[Home, Browser]) -> Iterator[Open]:
    bank = Open(*opened)
    yield bank
    assert bank.wrong == []


def test_five_visitors_without_a_script_see_five_pages(bank: Open) -> None:
    seen = []
    for where in ("/", *PEOPLE.values()):
        page = bank.visitor(java_script_enabled=False)
        page.goto(bank.url + where)
        seen.append(page.inner_text("h1"))
        assert page.locator("[data-lenticular-item=card]").is_visible()
        page.goto(bank.url + "/")
        assert page.inner_text("h1") == seen[-1]  # it is the same visit
        assert page.locator("text=The gold card").count() == 0  # once a day
    assert seen == ["Welcome", "For students", "For savers", "For near", "For free"]


@built
def test_the_tag_asks_for_nothing_and_counts_what_the_page_counted(bank: Open) -> None:
    page = bank.visitor()
    asked, sent = heard(page)
    page.goto(f"{bank.url}/?utm_campaign=campus")
    assert page.inner_text("h1") == "For students"
    page.locator("[data-lenticular-item=card]").scroll_into_view_if_needed()

    def impressions() -> list[dict[str, Any]]:
        return [one for one in sent if one.get("event") == "Impression"]

    [seen] = until(page, impressions)
    decision = page.get_attribute("body", "data-lenticular-decision")
    assert seen["messageId"] == f"{decision}:card"
    assert seen["properties"] == {
        "item": "card", "decision": decision, "block": "ad", "experience": "students", "collection": "ads"
    }  # fmt: skip
    me = {one.get("name"): one.get("value") for one in page.context.cookies()}["lenticular_id"]
    assert seen["anonymousId"] == me
    assert not any("/v1/decide" in url for url in asked)


@built
def test_a_slot_of_the_page_is_asked_for_by_nobody_and_counts_as_a_slot(bank: Open) -> None:
    page = bank.visitor()
    asked, sent = heard(page)
    page.goto(f"{bank.url}/en/deals?utm_campaign=save")
    card = page.locator("[data-lenticular-slot=promo] [data-lenticular-item=card]")
    card.scroll_into_view_if_needed()
    [seen] = until(page, lambda: [one for one in sent if one.get("event") == "Impression"])
    named = {"item": "card", "slot": "promo", "experience": "savers", "collection": "ads"}
    assert seen["properties"].items() >= named.items()
    page.evaluate("lenticular.decide && document.body.append(document.createElement('p'))")
    card.click()
    [clicked] = until(page, lambda: [one for one in sent if one.get("event") == "Content Clicked"])
    assert clicked["properties"].items() >= named.items()
    assert not any("/v1/decide" in url for url in asked)


def test_the_page_is_right_at_once(bank: Open) -> None:
    """Nothing moves and nothing appears after the first paint: the decision came with the page."""
    page = bank.visitor()
    page.add_init_script(
        """window.shifts = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((one) => (window.shifts += one.value)))
          .observe({ type: 'layout-shift', buffered: true });"""
    )
    page.goto(f"{bank.url}/?utm_campaign=save", wait_until="networkidle")
    assert page.inner_text("h1") == "For savers"
    assert page.evaluate("window.shifts") < 0.01


def test_a_preview_says_why(bank: Open) -> None:
    link = bank.link(segments=["near"])
    page = bank.visitor()
    page.goto(bank.url + link["path"])
    assert page.inner_text("h1") == "For near"
    panel = page.locator("#lenticular-why")
    assert panel.locator("h2").first.is_hidden()
    panel.locator("summary").click()
    assert panel.locator("h2").first.inner_text() == "Page /: PREVIEW"
    assert panel.evaluate("(one) => getComputedStyle(one).position") == "fixed"
    assert page.context.cookies() == []
    page.goto(bank.url + link["path"][:-3] + "AAA")
    assert "not one of this server" in page.inner_text("h1")
    bank.wrong[:] = [one for one in bank.wrong if "403" not in one]


@pytest.mark.parametrize(("path", "language"), [("/es", "es"), ("/en", "en")])
def test_a_language_has_its_address(bank: Open, path: str, language: str) -> None:
    page = bank.visitor()
    page.goto(bank.url + path)
    assert page.get_attribute("html", "lang") == language
    canonical = page.get_attribute("link[rel=canonical]", "href")
    assert canonical is not None and re.fullmatch(rf"http://127\.0\.0\.1:\d+/{language}", canonical)
    assert msgspec.json.decode(page.locator("#lenticular-decision").text_content() or "")["page"]["path"] == "/"
