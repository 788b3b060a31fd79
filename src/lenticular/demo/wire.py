"""Messages as a real client would send them: Segment's spec, Common Fields, and its page, track and identify calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

Message = dict[str, Any]
"""One message of a batch, ready to become JSON."""

SITE_URL = "https://www.aurora.example"
ZONE = "America/New_York"

PHONE = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)
LAPTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"

_NO_INTEGRATIONS: dict[str, bool] = {}


def iso(instant: int) -> str:
    """Return an instant (ms) as `2026-11-23T19:32:00.000Z`."""
    return f"{datetime.fromtimestamp(instant // 1000, UTC).isoformat()[:19]}.{instant % 1000:03d}Z"


class Device:
    """What a browser says of itself in every message, and of the visit that it is on.

    `landing` is the query of the address that the visitor came by (`utm_campaign=campus`), `referrer` the page
    that they came from; only the visit's first page has them.
    """

    def __init__(self, agent: str, landing: str = "", referrer: str = "") -> None:
        self._landing = landing
        self._referrer = referrer
        self._contexts: dict[tuple[str, bool], Message] = {}
        small = agent is PHONE
        self.base: Message = {
            "library": {"name": "lenticular-demo", "version": "1"},
            "locale": "en-US",
            "timezone": ZONE,
            "userAgent": agent,
            "screen": {"width": 390, "height": 844} if small else {"width": 1440, "height": 900},
        }
        if landing:
            fields = dict(part.split("=", 1) for part in landing.split("&"))
            names = {"name" if key == "utm_campaign" else key.removeprefix("utm_"): key for key in fields}
            self.base["campaign"] = {name: fields[key] for name, key in names.items()}

    def context(self, path: str, landing: bool = False) -> Message:
        """Return a message's context on a page; `landing` for the visit's first. It is shared: do not change it."""
        known = self._contexts.get((path, landing))
        if known is None:
            known = self._contexts[path, landing] = self._context(path, landing)
        return known

    def _context(self, path: str, landing: bool) -> Message:
        search = f"?{self._landing}" if landing and self._landing else ""
        page = {
            "path": path,
            "url": f"{SITE_URL}{path}{search}",
            "search": search,
            "title": title_of(path),
            "referrer": self._referrer if landing else SITE_URL + "/",
        }
        return {**self.base, "page": page}


def title_of(path: str) -> str:
    """Return a page's title: `/cards/gold` is `Cards gold · Aurora Bank`."""
    words = path.strip("/").replace("/", " ").replace("-", " ")
    return f"{words[:1].upper()}{words[1:]} · Aurora Bank" if words else "Aurora Bank"


def page(context: Message) -> Message:
    """Return the call that a page makes when it opens."""
    return {"type": "page", "properties": context["page"], "context": context}


def track(context: Message, event: str, properties: Message) -> Message:
    """Return something that a visitor did."""
    return {"type": "track", "event": event, "properties": properties, "context": context}


def identify(context: Message, traits: Message) -> Message:
    """Return what a visitor is known by."""
    return {"type": "identify", "traits": traits, "context": context}


def stamped(call: Message, message_id: str, at: int, anonymous_id: str, user_id: str = "") -> Message:
    """Return a call with who made it and when (ms). It has no `sentAt`: the time is the clock's own."""
    who = {"anonymousId": anonymous_id, "userId": user_id} if user_id else {"anonymousId": anonymous_id}
    return {**call, **who, "messageId": message_id, "timestamp": iso(at), "integrations": _NO_INTEGRATIONS}
