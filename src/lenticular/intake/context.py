"""Where an event happened: page, campaign, language, screen, from Segment's `context` (Common Fields)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lenticular.criteria.tables import stored_key
from lenticular.criteria.types import CAMPAIGN, CONTEXT
from lenticular.intake.values import number, plain, sound
from lenticular.profiles.event import Values

_KEY = {name: stored_key(name, kind) for name, kind in CONTEXT.items()}
_PAGE = tuple((name, _KEY[name]) for name in ("path", "title", "search"))
_CAMPAIGN = tuple(
    ("name" if name == "utm_campaign" else name.removeprefix("utm_"), name, _KEY[name]) for name in CAMPAIGN
)
_SCREEN = tuple((field, _KEY[f"screen_{field}"]) for field in ("width", "height"))
_NOTHING: dict[str, Any] = {}


def context_values(context: Mapping[str, Any], page: Mapping[str, Any], place: str = "/context") -> Values:
    """Return a context's typed values; `page`, a page message's properties, fills what `context.page` lacks.

    `context.campaign` goes before the address's query. Raises RefusedError.
    """
    if not context and not page:
        return {}
    own = _object(context, "page")
    values: Values = {}
    url = own.get("url") or page.get("url")
    if url:
        text = plain(url, place, "page/url")
        values = {"t_url": text, **_address(text)}
    for name, key in _PAGE:
        raw = own.get(name) or page.get(name)
        if raw:
            values[key] = raw if type(raw) is str and sound(raw, place, name) else plain(raw, place, name)
    referrer = own.get("referrer") or page.get("referrer") or _object(context, "referrer").get("url")
    if referrer:
        text = values["t_referrer"] = plain(referrer, place, "page/referrer")
        host = _address(text).get("t_host")
        if host:
            values["t_referrer_host"] = host
    language = context.get("locale") or context.get("language")
    if language:
        values["t_language"] = plain(language, place, "locale")
    timezone = context.get("timezone")
    if timezone:
        values["t_timezone"] = plain(timezone, place, "timezone")
    _campaign_and_screen(values, context, place)
    return values


def _campaign_and_screen(values: Values, context: Mapping[str, Any], place: str) -> None:
    campaign = context.get("campaign")
    if type(campaign) is dict:
        for field, _, key in _CAMPAIGN:
            raw = campaign.get(field)
            if raw:
                values[key] = plain(raw, place, f"campaign/{field}")
    screen = context.get("screen")
    if type(screen) is dict:
        for field, key in _SCREEN:
            raw = screen.get(field)
            if isinstance(raw, int | float) and not isinstance(raw, bool):
                values[key] = number(raw, place, f"screen/{field}")


def _object(context: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = context.get(name)
    return found if type(found) is dict else _NOTHING


def _address(url: str) -> dict[str, str]:
    return _known_url(url) if len(url) <= 512 else _of_url(url)


def _of_url(url: str) -> dict[str, str]:
    """Return what an address says: host (lower case, no port), path, search, campaign."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return {}
    query: dict[str, str] = {}
    for name, value in parse_qsl(parts.query, errors="replace") if "utm_" in parts.query else ():
        query.setdefault(name, value.replace("\0", "\ufffd"))
    found = {
        "t_host": host,
        "t_path": parts.path or ("/" if host else ""),
        "t_search": f"?{parts.query}" if parts.query else "",
        **{key: query.get(name, "") for _, name, key in _CAMPAIGN},
    }
    return {key: value for key, value in found.items() if value}


_known_url = lru_cache(maxsize=4096)(_of_url)
