"""axe finds nothing serious on any page of the bank, in both languages, wide and narrow, light and dark."""

from __future__ import annotations

import os
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.demo.proof.conftest import AXE, Device
from tests.process import ServerProcess

PAGES = ("", "/college", "/retirement", "/accounts", "/news", "/news/first-budget", "/sign-in", "/privacy", "/nowhere")
LOOKS: dict[str, dict[str, Any]] = {
    "wide-light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "narrow-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
pytestmark = pytest.mark.skipif(
    not AXE.exists() and not os.environ.get("LENTICULAR_REQUIRE_CLIENTS"), reason="axe is not installed (make test)"
)


def findings(page: Any) -> list[str]:
    # A strict policy lets no script of the page run that was not served; the tester's comes another way.
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    bad = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}" for one in bad]


@pytest.mark.parametrize(("language", "look"), [("en", "wide-light"), ("en", "narrow-dark"), ("es", "narrow-dark")])
def test_nothing_serious(demo: ServerProcess, chromium: Browser, language: str, look: str) -> None:
    visitor = Device(chromium, demo.url, reduced_motion="reduce", **LOOKS[look])
    page = visitor.context.new_page()
    folder = os.environ.get("LENTICULAR_SCREENSHOTS")
    for path in PAGES:
        page.goto(f"{demo.url}/{language}{path}")
        if folder:
            name = path.strip("/").replace("/", "-") or "home"
            page.screenshot(path=f"{folder}/bank-{name}-{language}-{look}.png", full_page=True)
        assert findings(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look]["viewport"]["width"], path
    visitor.wrong[:] = [one for one in visitor.wrong if "404" not in one]  # /nowhere
    visitor.close()


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_serious_once_somebody_is_signed_in_or_shown_a_preview(
    demo: ServerProcess, chromium: Browser, look: str
) -> None:
    visitor = Device(chromium, demo.url, **LOOKS[look])
    page = visitor.sign_in("Ana Reyes")
    assert findings(page) == []
    shown = demo.http.post("/api/sites/aurora/preview-links", json={"page": "/", "segments": ["students"]}).json()
    page.goto(demo.url + shown["path"])
    assert findings(page) == []
    visitor.close()


def test_with_the_keyboard_alone(device: Device) -> None:
    """The first stop leads past the menu, every stop can be seen, and the question for consent can be answered."""
    page = device.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    reached = set[str]()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))
        box = page.evaluate("(({width, height}) => width * height)(document.activeElement.getBoundingClientRect())")
        assert box or page.evaluate("document.activeElement === document.body")
    assert {"College", "Sign in", "Accept", "Only what is needed"} <= reached
