"""One server for all tests of the tag in this process, one browser for each file, one site for each test."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.clients.browsing import AGENT
from tests.clients.home import Home
from tests.demo.test_browser import CHROMIUM, QUIET
from tests.docs.page import ROOT
from tests.tag.browsing import CATALOG, PATIENCE_MS, Visit
from tests.tag.door import door_to, static_site

BUILT = ROOT / "src" / "lenticular" / "web" / "built"


@pytest.fixture(autouse=True)
def _built() -> None:
    if not (BUILT / ".of").is_file() and not os.environ.get("LENTICULAR_REQUIRE_TAG"):
        pytest.skip("the tag is not built; `make tag` builds it and says what it lacks")


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(tmp_path_factory.mktemp("tag") / "data")
    yield home
    assert home.server.stop() == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-sync", *QUIET]
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=arguments, ignore_default_args=["--disable-back-forward-cache"]
        )
        yield opened
        opened.close()


@pytest.fixture
def visit(home: Home, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A new visitor, whose browser must complain of nothing."""
    kept = home.site(re.sub(r"[^a-z0-9]+", "-", request.node.name.lower()).strip("-")[:60])
    catalog = home.server.api("GET", f"/api/sites/{kept.key}/catalog")
    home.server.api("PUT", f"/api/sites/{kept.key}/catalog", {**catalog, **_keyed()})
    agent = AGENT.format(browser.version.split(".")[0])
    context = browser.new_context(user_agent=agent, viewport={"width": 800, "height": 600})
    context.set_default_timeout(PATIENCE_MS)
    with static_site() as site, door_to(home.url) as door:
        visit = Visit(context, site, door, kept)
        yield visit
        context.close()
    assert visit.wrong == []


def _keyed() -> dict[str, object]:
    return {kind: {key: {"key": key, **one} for key, one in members.items()} for kind, members in CATALOG.items()}
