"""Pictures of hosted pages in real Chromium: the newest format, no wider than the screen needs, and nothing moves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.clients.home import Home
from tests.decide.world import SITE
from tests.demo.test_browser import CHROMIUM, QUIET
from tests.demo.test_browser import pytestmark as pytestmark
from tests.process import PATIENCE
from tests.stores.codecs import made
from tests.tag.browsing import until

SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => list.getEntries().forEach((one) => (window.shifts += one.value)))
  .observe({ type: 'layout-shift', buffered: true });"""


def block(kind: str, position: str, **settings: Any) -> dict[str, Any]:
    return {"kind": kind, "position": position, "settings": settings}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("pictured") / "data")
    home.server.api("PUT", "/api/sites/gallery", {"timezone": SITE.timezone})
    values = [_uploaded(home, made.photo(2400 + 100 * number, 1600, 1), f"p{number}") for number in range(2)]
    live = home.server.api("GET", "/api/sites/gallery/catalog")
    blocks = {
        "hero": block("hero", "a", title="Beaches", picture={**values[0], "focus": {"x": 0.9, "y": 0.1}}),
        "space": block("spacer", "b", size="large"),
        **{f"text{at}": block("rich-text", f"c{at}", text="<p>sand</p>" * 40) for at in range(4)},
        "image": block("image", "d", picture=values[1], ratio="1-1"),
    }
    site = {**live["site"], "hosting": {"hosts": ["*"], "consent": "assumed"}, "holdout": {"share": 0}}
    pages = {"home": {"key": "home", "path": "/", "title": "Beaches", "blocks": blocks}}
    home.server.api("PUT", "/api/sites/gallery/catalog", {**live, "site": site, "pages": pages})
    _until_ready(home)
    yield home
    assert home.server.stop() == 0


def _uploaded(home: Home, data: bytes, name: str) -> Any:
    answer = home.server.http.post("/api/sites/gallery/pictures", content=data, params={"name": name, "alt": name})
    assert answer.status_code == 201, answer.text
    return answer.json()["value"]


def _until_ready(home: Home) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(one["ready"] for one in home.server.api("GET", "/api/sites/gallery/pictures")["pictures"]):
        assert time.monotonic() < deadline, "the pictures have no variants"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-sync", *QUIET]
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "ratio", "chosen"), [(390, 2, 960), (390, 1, 640), (1280, 1, 640)])
def test_chromium_takes_avif_as_wide_as_it_needs(
    home: Home, browser: Browser, width: int, ratio: int, chosen: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700}, device_scale_factor=ratio)
    page = context.new_page()
    page.add_init_script(SHIFTS)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/pictures/" in request.url else None)
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.goto(f"{home.url}/", wait_until="networkidle")
    hero = page.locator(".lt-hero-picture img")
    assert hero.evaluate("one => one.currentSrc").endswith(f"/{chosen}/p0.avif")
    assert hero.evaluate("one => [one.complete, one.naturalWidth > 0, one.fetchPriority]") == [True, True, "high"]
    assert hero.evaluate("one => getComputedStyle(one).objectPosition") == "100% 0%"
    first = [url.rpartition("/")[2] for url in asked]
    assert first == ["p0.avif"]  # what lies below waits
    page.locator("figure img").scroll_into_view_if_needed()
    until(page, lambda: page.locator("figure img").evaluate("one => one.complete && one.naturalWidth > 0"))
    assert [url.rpartition("/")[2] for url in asked] == ["p0.avif", "p1.avif"]
    box = page.locator("figure img").bounding_box()
    assert box is not None and abs(box["width"] - box["height"]) < 1
    assert page.evaluate("window.shifts") < 0.01 and wrong == []
    context.close()


def test_who_knows_neither_avif_nor_webp_gets_what_everybody_knows(home: Home) -> None:
    html = home.server.http.get("/", headers={"authorization": ""}).text
    [src] = {part.partition('"')[0] for part in html.split(' src="')[1:] if "/p0." in part.partition('"')[0]}
    answer = home.server.http.get(src, headers={"authorization": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
