"""The lines of JavaScript in docs/http.md, as a reader would use them; its Python is followed by tests/docs."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.clients.browsing import shop
from tests.clients.client import needs
from tests.clients.home import Home, Kept
from tests.clients.install import CLIENTS, NODE_BIN
from tests.demo.test_browser import CHROMIUM
from tests.docs.page import fences, read
from tests.process import PATIENCE

pytestmark = needs("node")


def _lines(package: str, home: Home, kept: Kept) -> str:
    [text] = [one.text for one in fences(read("docs/http.md")) if one.tag == "js" and f'from "{package}"' in one.text]
    return text.replace("http://127.0.0.1:8400", home.url).replace("aurora-demo-write-key", kept.write_key)


async def test_the_lines_for_node(home: Home, tmp_path: Path) -> None:
    kept = home.site("example-node")
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node" / "node_modules")
    script = tmp_path / "example.mjs"
    script.write_text(_lines("@segment/analytics-node", home, kept))
    process = await asyncio.create_subprocess_exec(NODE_BIN / "node", script)
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    [event] = kept.events()
    assert (event.name, event.user_id, event.properties) == ("Offer Viewed", "maya", {"t_offer": "gold-card"})


@pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("LENTICULAR_REQUIRE_CHROMIUM"), reason="no Chromium is installed"
)
async def test_the_lines_for_a_browser(home: Home) -> None:
    kept = home.site("example-browser")
    first, _, rest = _lines("@segment/analytics-next", home, kept).partition("\n")
    assert first == 'import { AnalyticsBrowser } from "@segment/analytics-next";'
    async with shop() as at:
        page = await at.open()
        await page.evaluate(f"() => {{ const {{ AnalyticsBrowser }} = AnalyticsNext; {rest} }}")
        [event] = await kept.arrived(1)
        assert (event.name, at.wrong) == ("Page Viewed", [])
