"""Where an event happened: page, campaign, language, screen, from Segment's `context` (Common Fields)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lenticular.criteria.tables import stored_key
from lenticular.intake.values import number, plain
from lenticular.profiles.builtin import CAMPAIGN, CONTEXT_TYPES
from lenticular.profiles.event import Values

_KEY = {name: stored_key(name, kind) for name, kind in CONTEXT_TYPES.items()}
_CAMPAIGN_FIELD = {name: "name" if name == "utm_campaign" else name.removeprefix("utm_") for name in CAMPAIGN}
_PAGE = ("url", "path", "title", "search", "referrer")


def context_values(context: Mapping[str, Any], page: Mapping[str, Any], place: str = "/context") -> Values:
    """Return a context's typed values; `page`, a page message's properties, fills what `context.page` lacks.

    `context.campaign` goes before the address's query. Raises RefusedError.
    """
    own = _object(context, "page")
    texts = {name: own.get(name) or page.get(name) for name in _PAGE}
    texts["referrer"] = texts["referrer"] or _object(context, "referrer").get("url")
    texts["language"] = context.get("locale") or context.get("language")
    texts["timezone"] = context.get("timezone")
    values: Values = {}
    for name, raw in texts.items():
        if raw is not None and raw != "":
            values[_KEY[name]] = plain(raw, place, name)
    _address(values, _object(context, "campaign"), place)
    screen = _object(context, "screen")
    for field in ("width", "height"):
        raw = screen.get(field)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            values[_KEY[f"screen_{field}"]] = number(raw, place, f"screen/{field}")
    return values


def _object(context: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = context.get(name)
    return found if isinstance(found, dict) else {}


def _address(values: Values, campaign: Mapping[str, Any], place: str) -> None:
    """Fill in what the page's and the referrer's addresses say."""
    url = values.get("t_url")
    query: dict[str, str] = {}
    if isinstance(url, str):
        host, path, search, query = _split(url)
        for key, value in (("t_host", host), ("t_path", path), ("t_search", search)):
            if value and key not in values:
                values[key] = value
    referrer = values.get("t_referrer")
    if isinstance(referrer, str) and (referrer_host := _split(referrer)[0]):
        values["t_referrer_host"] = referrer_host
    for name, field in _CAMPAIGN_FIELD.items():
        raw = campaign.get(field)
        if raw is None or raw == "":
            raw = query.get(name)
        if raw:
            values[_KEY[name]] = plain(raw, place, f"campaign/{field}")


def _split(url: str) -> tuple[str, str, str, dict[str, str]]:
    return _split_short(url) if len(url) <= 512 else _split_any(url)


def _split_any(url: str) -> tuple[str, str, str, dict[str, str]]:
    """Return host (lower case, no port), path, search and the first value of each query field."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", "", "", {}
    query: dict[str, str] = {}
    if parts.query:
        for name, value in parse_qsl(parts.query, errors="replace", max_num_fields=None):
            query.setdefault(name, value.replace("\0", "\ufffd"))
    path = parts.path or ("/" if host else "")
    return host, path, f"?{parts.query}" if parts.query else "", query


_split_short = lru_cache(maxsize=4096)(_split_any)
