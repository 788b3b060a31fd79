"""The page with every kind in real Chromium: nothing moves, nothing sticks out, every text can be read."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from lenticular.blocks import theme
from tests.blocks.sample import html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("LENTICULAR_REQUIRE_CHROMIUM"),
    reason="no Chromium is installed (Debian: apt install chromium)",
)
PAGE = """<!doctype html><html lang="{0}" dir="{1}"><head><meta charset="utf-8"><title>Sample</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self' data:">
<link rel="stylesheet" href="theme.css"></head><body class="lt-page"><main>{2}</main></body></html>"""
CONTRAST = """() => {
  const light = (c) => { const f = c.map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * f[0] + .7152 * f[1] + .0722 * f[2]; };
  const rgba = (s) => { const m = s.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), weak = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, words = texts.currentNode.textContent.trim();
    if (!words || element.closest(".lt-hidden, option")) continue;
    let behind = [255, 255, 255, 1];
    for (let at = element; at; at = at.parentElement) {
      const own = rgba(getComputedStyle(at).backgroundColor);
      if (own[3] > .99) { behind = own; break; }
    }
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind)];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) weak.push([words, ratio]);
  }
  return weak;
}"""
MOVES = """() => new Promise((done) => {
  let moved = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) moved += one.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(moved), 300);
})"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "media").mkdir()
    for name in ("hero", "student", "abroad", "pot", "gold", "branch"):
        Image.new("RGB", (1200, 800), (214, 228, 245)).save(folder / "media" / f"{name}.png")
    (folder / "theme.css").write_bytes((Path(theme.__file__).parent / theme.FILE).read_bytes())
    for language, way in (("en", "ltr"), ("ar", "rtl")):
        (folder / f"{language}.html").write_text(PAGE.format(language, way, html(language)))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-sync", *QUIET]
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


def look(browser: Browser, url: str, width: int, scheme: str) -> tuple[Page, list[str]]:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.goto(url)
    return page, wrong


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_and_can_be_read(
    browser: Browser, address: str, width: int, scheme: str, language: str, tmp_path: Path
) -> None:
    page, wrong = look(browser, f"{address}/{language}.html", width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(MOVES) < 0.02
    assert wrong == []  # also what the Content-Security-Policy would have refused
    if folder := os.environ.get("LENTICULAR_SCREENSHOTS"):
        page.screenshot(path=f"{folder}/blocks-{language}-{width}-{scheme}.png", full_page=True)
    page.close()


def test_everything_can_be_reached_with_the_keyboard_and_shows_it(browser: Browser, address: str) -> None:
    page, _ = look(browser, f"{address}/en.html", 1280, "light")
    wanted = page.locator("a[href], button, input:not([type=hidden]), select, textarea, [tabindex]").count()
    seen = 0
    for _ in range(wanted):
        page.keyboard.press("Tab")
        seen += page.evaluate(
            "() => { const at = document.activeElement; at.classList.add('seen-by-test');"
            " const card = at.closest('.lt-card'); const of = (e) => getComputedStyle(e).outlineStyle !== 'none';"
            " return of(at) || (card !== null && of(card)); }"
        )
    assert page.evaluate("() => document.querySelectorAll('.seen-by-test').length") == wanted == seen
    page.close()


def test_a_carousel_is_moved_by_hand_without_a_script(browser: Browser, address: str) -> None:
    page, _ = look(browser, f"{address}/en.html", 390, "light")
    row = page.locator(".lt-row")
    row.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.lt-row').scrollLeft > 100", timeout=20_000)
    page.close()
