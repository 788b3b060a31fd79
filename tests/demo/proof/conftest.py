"""The demo bank in a process of its own, and devices: browsers of people who come to it."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from tests.process import PATIENCE, ServerProcess, start

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-sync", "--disable-quic", "--no-first-run"]
QUIET = ["--disable-background-networking", "--disable-component-update"]
PERSON = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""A headless browser would be a bot."""
AXE = Path(__file__).parents[3] / ".clients" / "node" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="module")  # longer, its loop would stand in the way of other tests
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None and not os.environ.get("LENTICULAR_REQUIRE_CHROMIUM"):
        pytest.skip("no Chromium is installed (Debian: apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*ARGUMENTS, *QUIET],
            ignore_default_args=["--disable-back-forward-cache"],
        )
        yield browser
        browser.close()


@contextmanager
def running(data: Path) -> Iterator[ServerProcess]:
    """Run the demo until a block ends; when it begins nobody else comes by any more."""
    server = start(data, "--people", "1", command="demo", ready=b"comes in meanwhile")
    deadline = time.monotonic() + PATIENCE
    while not server.http.get("/demo/state").json()["traffic"]["finished"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")  # what somebody saw in another file must not matter
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("proof") / "data") as server:
        yield server


def until(page: Page, holds: str) -> None:
    """Wait until an expression holds on a page, whose policy lets nobody evaluate a text by the usual way."""
    deadline = time.monotonic() + PATIENCE
    while not page.evaluate(holds):
        assert time.monotonic() < deadline, holds
        page.wait_for_timeout(50)


class Device:
    """A browser of somebody: what goes wrong in its pages is noted, and must be nothing at the end."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        chosen = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US", "user_agent": PERSON, **options}
        self.url = url
        self.context: BrowserContext = browser.new_context(**chosen)
        self.context.set_default_timeout(60_000)
        self.wrong: list[str] = []
        self.context.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self.context.on("response", self._note)

    def _note(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status} {response.url}")

    def open(self, path: str = "/", page: Page | None = None) -> Page:
        """Return a page of the bank that has loaded, in a new tab unless there is one."""
        tab = page or self.context.new_page()
        tab.goto(self.url + path)
        return tab

    def sign_in(self, name: str, page: Page | None = None) -> Page:
        """Become one of the five, as a visitor does: on the page for it."""
        tab = self.open("/sign-in", page)
        tab.get_by_role("link", name=name).first.click()
        tab.wait_for_url(re.compile(r"/(en)?$"))
        return tab

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


@pytest.fixture
def device(chromium: Browser, demo: ServerProcess) -> Iterator[Device]:
    opened = Device(chromium, demo.url)
    yield opened
    opened.close()
