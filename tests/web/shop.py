"""A small site behind a real server in this process, with a clock that the test sets."""

from __future__ import annotations

import base64
import itertools
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from lenticular.app.open import Installation, installation
from lenticular.app.publish import publish
from lenticular.app.site import LiveSite
from lenticular.catalog.catalog import Catalog
from lenticular.settings import Settings
from lenticular.web.server import server
from tests.decide.world import SITE, catalog_of
from tests.web.serving import serving

NOON = 1_795_453_200_000
"""23 November 2026, 12:00 in New York."""
HOUR = 3_600_000
MIDNIGHT = NOON + 12 * HOUR
TOKEN = "the token of the tests"

PARTS: dict[str, dict[str, dict[str, Any]]] = {
    "properties": {"user.balance": {"scope": "user", "name": "balance", "type": "number", "label": "Balance"}},
    "segments": {
        "students": {"name": "Students", "rule": 'session.landing_path.starts_with("/college")'},
        "buyers": {"name": "Buyers", "rule": 'count("Bought", price > 10, within="7d") >= 2'},
        "rich": {"name": "Rich", "rule": "user.balance >= 1_000"},
        "guests": {"name": "Guests", "static": True},
        "vips": {"name": "VIPs", "rule": "user.balance >= 100_000", "static": True},
    },
    "content": {
        "ad": {"type": "ad", "cap": {"limit": 1, "per": "day"}, "fields": {"title": "An ad"}},
        "card": {"type": "offer"},
        "gift": {"type": "offer", "tags": ["presents"]},
    },
    "collections": {
        "ads": {"items": ["ad"]},
        "offers": {"items": ["card", "gift"], "variations": [{"segment": "buyers", "items": ["gift"]}]},
    },
    "pages": {
        "home": {
            "path": "/",
            "blocks": {
                "hero": {"kind": "hero", "position": "a", "settings": {"title": "Welcome"}},
                "offers": {"kind": "offers", "position": "b", "collection": "offers"},
            },
            "experiences": [
                {"key": "students", "segment": "students", "overrides": {"hero": {"settings": {"title": "Hi"}}}},
                {"key": "buyers", "segment": "buyers", "overrides": {"offers": {"position": "Z"}}},
            ],
        },
        "legal": {"path": "/legal", "blocks": {"text": {"kind": "text", "position": "a"}}},
    },
    "slots": {"promo": {"block": {"kind": "ad", "collection": "ads"}}, "plain": {"block": {"kind": "text"}}},
}


def shop_catalog(**parts: dict[str, dict[str, Any]]) -> Catalog:
    """Return the shop's catalog, with some parts replaced."""
    return catalog_of(**{**PARTS, **parts})


SECRET = {"authorization": "Basic " + base64.b64encode(f"{SITE.secret_key}:".encode()).decode()}
"""What a server of the shop sends."""


class Shop:
    """The server's address, a client for each side, and the clock (ms)."""

    def __init__(self, opened: Installation, url: str) -> None:
        self.installation, self.url = opened, url
        self.now = NOON
        self._names = itertools.count(1)
        self.visitor = httpx.AsyncClient(base_url=url, timeout=120)
        self.admin = httpx.AsyncClient(base_url=url, timeout=120, headers={"authorization": f"Bearer {TOKEN}"})

    @property
    def site(self) -> LiveSite:
        return self.installation.site(SITE.key)

    def someone(self) -> str:
        """Return an anonymous id that no other test uses."""
        return f"a{next(self._names)}"

    async def decide(self, anonymous_id: str = "", server: bool = False, **asked: Any) -> Any:
        """Return the decision that must come, to a browser or to a server with the secret key."""
        body = {"site": SITE.key, "anonymousId": anonymous_id, **asked}
        answer = await self.visitor.post("/v1/decide", json=body, headers=SECRET if server else {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def track(self, anonymous_id: str, name: str, **message: Any) -> None:
        """Send one event, as the browser tag would."""
        body = {"event": name, "anonymousId": anonymous_id, "writeKey": SITE.write_key, **message}
        answer = await self.visitor.post("/v1/track", json=body)
        assert answer.status_code == 200, answer.text

    async def settled(self) -> None:
        """Return when everything that was sent, and what decisions left behind, is in the profiles."""
        for settle in self.installation.before_close:
            await settle()
        await self.site.collector.drain()

    async def ask(self, what: str, **body: Any) -> Any:
        """Return what the admin API must answer about the shop."""
        answer = await self.admin.post(f"/api/sites/{SITE.key}/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@asynccontextmanager
async def open_shop(folder: Path, settings: Settings | None = None) -> AsyncIterator[Shop]:
    """Open the shop in a folder of its own."""
    ids = (f"id{at}" for at in itertools.count())
    made: list[Shop] = []
    clock = lambda: made[0].now if made else NOON  # noqa: E731  # the clock of a shop that is not there yet
    async with installation(folder, clock, lambda: next(ids), create=True, settings=settings) as opened:
        opened.jobs.calm = math.inf  # upkeep comes when a test asks for it
        site = await opened.ensure(msgspec.structs.replace(SITE))
        await publish(site, shop_catalog())
        async with serving(server(opened, TOKEN)) as url:
            shop = Shop(opened, url)
            made.append(shop)
            async with shop.visitor, shop.admin:
                yield shop
