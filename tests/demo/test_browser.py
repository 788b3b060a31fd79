"""Real Chromium on the real demo: change the rule and pages flip, see the ad and it is gone until tomorrow."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.process import start

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("LENTICULAR_REQUIRE_CHROMIUM"),
    reason="no Chromium is installed (Debian: apt install chromium)",
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = tmp_path_factory.mktemp("demo") / "data"
    server = start(data, "--people", "40", command="demo", ready=b"comes in meanwhile")
    yield server.url
    assert server.stop() == 0


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-sync", *QUIET]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        wrong: list[str] = []
        opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.goto(f"{address}/demo")
        opened.wait_for_selector(".person iframe.site")
        yield opened
        browser.close()
        assert wrong == []


def _places(page: Page) -> list[str]:
    """Each person's place and experience."""
    return [re.sub(r"\s+", "", place.inner_text()) for place in page.query_selector_all(".place")]


def _homes(page: Page) -> list[str]:
    """What each person's home page says, in the frames that show it."""
    frames = [one.content_frame() for one in page.query_selector_all(".person iframe.site:not(.leaving)")]
    return [frame.inner_text("main") if frame and frame.query_selector("main") else "" for frame in frames]


def _until(page: Page, found: Callable[[], object], expected: object) -> None:
    """Wait until the page shows what is expected; fails with what it shows instead."""
    for _ in range(100):
        page.wait_for_timeout(100)
        if found() == expected:
            return
    assert found() == expected


def _shows(page: Page, places: list[str]) -> None:
    _until(page, lambda: _places(page), places)


PUBLISHED = ["1Students", "2Advancedcustomers", "3Nearretirement", "4Free-checkingprospects", "5Returningvisitors"]


def test_five_people_see_five_pages(page: Page) -> None:
    _shows(page, PUBLISHED)
    _until(page, lambda: len({home for home in _homes(page) if "For you" in home}), 5)
    assert "Your first account, on us" in _homes(page)[0]
    assert "Age is between" in page.inner_text("#sentence")


def test_another_rule_turns_pages_and_the_count(page: Page) -> None:
    _shows(page, PUBLISHED)
    before = page.inner_text(".big")
    page.fill("textarea", "True")
    _shows(page, ["1Students"] * 5)
    _until(page, lambda: page.inner_text(".big") != before, True)


def test_a_mistake_is_named_with_its_place_and_nothing_typed_is_lost(page: Page) -> None:
    _shows(page, PUBLISHED)
    page.fill("textarea", "user.birth_dat.age() >= 18")
    _until(page, lambda: "line 1, column 1" in page.inner_text("#problems"), True)
    assert "user.birth_date" in page.inner_text("#problems")
    assert page.input_value("textarea") == "user.birth_dat.age() >= 18"
    assert _places(page) == PUBLISHED


def test_the_ad_is_gone_until_tomorrow_once_it_was_seen(page: Page) -> None:
    _shows(page, PUBLISHED)
    _until(page, lambda: "The Gold Card" in _homes(page)[4], True)
    see = page.locator(".person").nth(4).get_by_role("button", name="See it")
    see.click()
    _until(page, see.count, 0)
    assert "seen today, back on" in page.locator(".reason").nth(4).inner_text()
    _until(page, lambda: "The Gold Card" in _homes(page)[4], False)


def test_the_clock_brings_lena_into_students_at_midnight(page: Page) -> None:
    _shows(page, PUBLISHED)
    page.locator("#ticks button", has_text="Lena joins Students").click()
    _shows(page, [*PUBLISHED[:4], "1Students"])


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (390, "light"), (320, "light")])
def test_nothing_is_wider_than_the_screen(page: Page, width: int, theme: str, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 844})
    _shows(page, PUBLISHED)
    page.screenshot(path=tmp_path / f"demo-{width}-{theme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
