"""Hosted pages in real Chromium: without a script, with the tag, under their policy, as a preview."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
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
        return self.ask("preview-links", asked)

    def ask(self, what: str, asked: dict[str, Any]) -> dict[str, str]:
        """Return what the admin API must answer."""
        answer = self._http.post(f"/api/sites/bank/{what}", json=asked)
        assert answer.status_code in (200, 201), answer.text
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


def test_what_is_edited_is_shown_in_a_frame_in_which_nothing_runs(bank: Open, tmp_path: Path) -> None:
    blocks = {"hero": {"kind": "hero", "position": "a", "settings": {"title": "Not <saved>", "background": "strong"}}}
    edited = {"kind": "pages", "key": "home", "body": {"path": "/", "blocks": blocks}}
    made = bank.ask("render", {"page": "/", "definitions": [edited]})
    screen = f'<iframe sandbox width="800" height="500" srcdoc="{html.escape(made["document"])}"></iframe>'
    (tmp_path / "editor.html").write_text(screen)
    (tmp_path / "favicon.ico").write_bytes(b"")
    page = bank.visitor()
    asked, _ = heard(page)
    with serving_files(tmp_path) as url:
        page.goto(f"{url}/editor.html")
        frame = page.frame_locator("iframe")
        assert frame.locator("h1").inner_text() == "Not <saved>"
        strong = frame.locator("[data-lenticular-block=hero] > *")
        colour = "(one) => getComputedStyle(one).backgroundColor"
        assert until(page, lambda: strong.evaluate(colour), lambda one: one != "rgba(0, 0, 0, 0)")
    assert not any("lenticular.js" in one or "/v1/" in one for one in asked)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        """Say nothing."""


@contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """Serve a folder for the length of a block; return the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@built
@pytest.mark.parametrize("scripts", [True, False])
def test_who_changes_their_mind_at_the_foot_keeps_nothing_in_the_browser(bank: Open, scripts: bool) -> None:
    page = bank.visitor(java_script_enabled=scripts)
    page.goto(bank.url + PEOPLE["students"])
    assert page.inner_text("h1") == "For students"
    page.get_by_text("Privacy choices").click()
    page.get_by_role("button", name="Only what is needed").click()
    page.wait_for_url(f"**{PEOPLE['students']}")
    page.wait_for_selector("text=Nothing is kept of your visits.", state="attached")
    assert {one["name"]: one["value"] for one in page.context.cookies()} == {"lenticular_consent": "00"}
    if scripts:
        assert page.evaluate("Object.keys(localStorage)") in ([], ["lenticular_consent"])
    page.get_by_text("Privacy choices").click()
    page.get_by_role("button", name="Accept").click()
    page.wait_for_selector("text=You have agreed that this site remembers your visits.", state="attached")
    names = {one["name"] for one in page.context.cookies()}
    assert names == {"lenticular_consent", "lenticular_id"}
