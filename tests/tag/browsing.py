"""A visitor of a static site, in real Chromium, and what the server has of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext, Page

from lenticular.profiles.event import Event
from tests.clients.home import Kept
from tests.tag.door import Door, Site

Found = TypeVar("Found")
PATIENCE_MS = 60_000

CATALOG: dict[str, dict[str, Any]] = {
    "segments": {"students": {"name": "Students", "rule": 'session.landing_path.starts_with("/college")'}},
    "content": {
        "card": {"type": "offer", "fields": {"title": "Gold card", "link": "https://bank.example/card"}},
        "ad": {"type": "ad", "cap": {"limit": 1, "per": "day"}, "fields": {"title": "An ad"}},
    },
    "collections": {"offers": {"items": ["card"]}, "ads": {"items": ["ad"]}},
    "pages": {
        "landing": {
            "path": "/landing",
            "blocks": {
                "hero": {"kind": "hero", "position": "a", "settings": {"title": "Welcome"}},
                "offers": {"kind": "card-list", "position": "b", "collection": "offers"},
            },
        },
        "around": {
            "path": "/around",
            "blocks": {
                "title": {"kind": "heading", "position": "a", "settings": {"text": "Around a slot"}},
                "promo": {"kind": "slot", "position": "b", "settings": {"slot": "promo"}},
            },
        },
    },
    "slots": {
        "promo": {
            "block": {"kind": "offer", "collection": "offers", "settings": {"button": "Get it"}},
            "experiences": [
                {"key": "students", "segment": "students", "overrides": {"settings": {"label": "For students"}}},
            ],
        },
        "ad": {"block": {"kind": "offer", "collection": "ads"}},
        "title": {"block": {"kind": "heading", "settings": {"text": "Hello"}}},
        "gone": {"block": {"kind": "heading", "settings": {"text": "Away"}, "hidden": True}},
        "form": {
            "block": {
                "kind": "form",
                "settings": {
                    "event": "Newsletter Joined",
                    "thanks": "/thanks",
                    "fields": {"email": {"label": "E-mail", "type": "email"}},
                },
            }
        },
        "odd": {"block": {"kind": "of-nobody"}},
    },
}


class Visit:
    """A browser at the static site; `wrong` is what its console complains of."""

    def __init__(self, context: BrowserContext, site: Site, door: Door, kept: Kept) -> None:
        self.context, self.site, self.door, self.kept = context, site, door, kept
        self.wrong: list[str] = []

    def script(self, options: str = "", more: str = "async") -> str:
        """Return the element that a page has of the tag."""
        keys = f'data-write-key="{self.kept.write_key}" data-site="{self.kept.key}"'
        return f'<script {more} src="{self.door.url}/lenticular.js" {keys} {options}></script>'

    def page(self, path: str, body: str = "", options: str = "", *, head: str = "", **headers: str) -> None:
        """Put a page on the site; `options` are those of the tag's element, `head` what stands before that."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        start = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{path}</title>{head}'
        icon = '<link rel="icon" href="data:,">'
        self.site.pages[path] = f"{start}{icon}{self.script(options)}<body>{body}</body></html>", names

    def open(self, path: str, page: Page | None = None) -> Page:
        """Go to a page, in a tab of its own unless one is given."""
        tab = page or self.context.new_page()
        if page is None:
            tab.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
            tab.on("pageerror", lambda error: self.wrong.append(str(error)))
        tab.goto(self.site.url + path)
        return tab

    def events(self, name: str) -> list[Event]:
        """Return the different events of a name that the server has accepted, `Page Viewed` for page views."""
        found = {event.message_id: event for event in self.kept.events() if (event.name or event.type) == name}
        return list(found.values())

    def arrived(self, page: Page, name: str, wanted: int = 1) -> list[Event]:
        """Return the events of a name once there are so many."""
        return until(page, lambda: self.events(name), lambda found: len(found) >= wanted)


def acting(page: Page, act: Callable[[], object], look: Callable[[], list[Event]], wanted: int = 1) -> list[Event]:
    """Do something again and again, until it has led to so many events."""

    def once() -> list[Event]:
        act()
        return look()

    return until(page, once, lambda found: len(found) >= wanted)


def until(page: Page, look: Callable[[], Found], good: Callable[[Found], object] = bool) -> Found:
    """Return what is found once it is good; fails with what is there instead."""
    for _ in range(PATIENCE_MS // 50):
        found = look()
        if good(found):
            return found
        page.wait_for_timeout(50)
    raise AssertionError(f"This was not what was awaited: {look()}")
