"""What an address says: host, path, query, campaign, and the channel that a click's parameter means."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from lenticular.criteria.tables import stored_key
from lenticular.criteria.types import CAMPAIGN
from lenticular.intake.referrers import CLICKS
from lenticular.profiles.event import Values

MAX_PARAMETERS = 50
"""So many parameters of one address are kept, each name at most 100 characters."""
_MAX_NAME = 100
_CACHED = 512

_query_key = lru_cache(maxsize=4096)(lambda name: stored_key(f"query.{name}", "text"))
_CAMPAIGN = tuple((name, stored_key(name, "text")) for name in CAMPAIGN)


class Address(NamedTuple):
    """`values` are shared, not to be changed; `click` is a channel, or empty."""

    values: Values
    click: str


_NOTHING = Address({}, "")


def address_of(url: str) -> Address:
    """Return what an address says, a whole one or `?` and a query; nothing of one that can't be read."""
    return _known(url) if len(url) <= _CACHED else _read(url)


def _read(url: str) -> Address:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return _NOTHING
    values: Values = {}
    if host:
        values["t_host"] = host
    if parts.path or host:
        values["t_path"] = parts.path or "/"
    if not parts.query:
        return Address(values, "")
    values["t_search"] = f"?{parts.query}"
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True, errors="replace"):
        if name and len(name) <= _MAX_NAME and (name in query or len(query) < MAX_PARAMETERS):
            query.setdefault(name, []).append(value.replace("\0", "\ufffd"))
    for name, given in query.items():
        values[_query_key(name)] = ",".join(given)
    for name, key in _CAMPAIGN:
        if name in query and query[name][0]:
            values[key] = query[name][0]
    return Address(values, next((CLICKS[name] for name in query if name in CLICKS), ""))


_known = lru_cache(maxsize=4096)(_read)
