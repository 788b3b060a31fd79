"""A small bank whose pages Lenticular serves: five kinds of visitors, two languages, an offer once a day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec

from lenticular.app.publish import publish
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.hosting import Hosting
from lenticular.catalog.site import Site
from tests.decide.world import catalog_of
from tests.web.shop import Shop, open_shop

HOST = "www.bank.example"
PEOPLE = {
    "students": "/?utm_campaign=campus",
    "savers": "/?utm_campaign=save",
    "near": "/?utm_campaign=retire",
    "free": "/?utm_campaign=free",
}
"""An address by which someone comes into each segment."""
_RULES = {key: f'session.utm_campaign == "{where.rpartition("=")[2]}"' for key, where in PEOPLE.items()}
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"

PARTS: dict[str, dict[str, dict[str, Any]]] = {
    "segments": {key: {"name": key.title(), "rule": rule} for key, rule in _RULES.items()},
    "content": {
        "card": {"type": "offer", "fields": {"title": "The gold card"}, "cap": {"limit": 1, "per": "day"}},
        "loan": {"type": "offer", "fields": {"title": "A loan for cars"}},
    },
    "collections": {"ads": {"items": ["card"]}, "offers": {"items": ["loan"]}},
    "personas": {
        "ana": {"name": "Ana", "context": {"utm_campaign": "campus"}, "traits": {"plan": "none"}},
        "max": {"name": "Max", "segments": ["savers"]},
    },
    "pages": {
        "home": {
            "path": "/",
            "name": "Home",
            "title": {"en": "A bank & more", "es": "Un banco"},
            "summary": {"en": 'Money, "kept" well', "es": "Dinero"},
            "image": "/hero.webp",
            "blocks": {
                "hero": {"kind": "hero", "position": "a", "settings": {"title": {"en": "Welcome", "es": "Hola"}}},
                "ad": {"kind": "offer", "position": "b", "collection": "ads"},
                "text": {"kind": "rich-text", "position": "c", "settings": {"text": "<p>All of it</p>"}},
            },
            "experiences": [
                {"key": key, "segment": key, "overrides": {"hero": {"settings": {"title": {"en": f"For {key}"}}}}}
                for key in PEOPLE
            ],
        },
        "college": {"path": "/college", "name": "College", "blocks": {}},
        "offers": {
            "path": "/offers",
            "blocks": {"list": {"kind": "card-list", "position": "a", "collection": "offers"}},
        },
        "article": {
            "path": "/news/:slug",
            "name": "News",
            "blocks": {"title": {"kind": "heading", "position": "a", "settings": {"text": "News"}}},
        },
        "hidden": {"path": "/internal", "noindex": True, "blocks": {}},
        "contact": {
            "path": "/contact",
            "blocks": {
                "form": {
                    "kind": "form",
                    "position": "a",
                    "settings": {"event": "Contact Requested", "fields": {"topic": {"label": "Topic"}}},
                }
            },
        },
        "lost": {
            "path": "/404",
            "title": {"en": "Nothing here"},
            "blocks": {"sorry": {"kind": "heading", "position": "a", "settings": {"text": {"en": "We looked"}}}},
        },
    },
}


def bank(site: Site, **parts: dict[str, dict[str, Any]]) -> Catalog:
    """Return the bank's catalog, with some kinds of definitions replaced, for a site."""
    return msgspec.structs.replace(catalog_of(**{**PARTS, **parts}), site=site)


class Bank:
    """The bank: a shop whose pages can be asked for."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def make(
        self, locales: tuple[str, ...] = ("en", "es"), parts: dict[str, Any] | None = None, **hosting: Any
    ) -> None:
        """Publish the bank as usual, or with other hosting, languages or definitions."""
        told: dict[str, Any] = {"hosts": (HOST,), "consent": "assumed", **hosting}
        site = self.shop.site.engine.catalog.site
        site = msgspec.structs.replace(
            site, name="The Bank", locales=locales, hosting=msgspec.convert(told, Hosting), block_kinds="checked"
        )
        await publish(self.shop.site, bank(site, **(parts or {})))

    async def page(self, path: str = "/", method: str = "GET", **headers: str) -> httpx.Response:
        """Return what a browser gets that keeps no cookies."""
        told = {"host": HOST, "user-agent": BROWSER, "accept-language": "en"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        self.shop.visitor.cookies.clear()
        return await self.shop.visitor.request(method, path, headers=told)

    async def events(self, anonymous_id: str) -> list[tuple[str, str]]:
        """Return type and message id of everything that was accepted of a visitor."""
        await self.shop.settled()
        journal = self.shop.site.stores.journal
        return [(one.type, one.message_id) for _, one in journal.read(0, 100_000) if one.anonymous_id == anonymous_id]


@asynccontextmanager
async def open_bank(folder: Path, **hosting: Any) -> AsyncIterator[Bank]:
    """Open the bank in a folder of its own."""
    async with open_shop(folder) as shop:
        opened = Bank(shop)
        await opened.make(**hosting)
        yield opened
