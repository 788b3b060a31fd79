"""Pictures in the decision for a page of another host: there a path would lead to that host."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from lenticular.app.decide import DecideRequest
from lenticular.catalog.picture import PREFIX
from lenticular.settings import OFF
from lenticular.web.asgi import Scope, header

_NAMED = PREFIX.encode()
_OURS = re.compile(rb'(?<=[" ])' + re.escape(_NAMED) + rb"(?=[0-9a-f]{32}/)")


def reachable(body: bytes, scope: Scope, asked: DecideRequest, url: str) -> bytes:
    """Return an encoded decision whose pictures have whole addresses if its page is on another host.

    The page is what the request says; a POST of a browser says it by `Origin` too. `url` is where browsers know us by.
    """
    if _NAMED not in body:
        return body
    page = (asked.context.url if asked.context else None) or ""
    if not page and scope["method"] == "POST":
        page = header(scope, b"origin").decode("latin-1")
    host = header(scope, b"host").decode("latin-1")
    base = f"{scope.get('scheme', 'http')}://{host}" if url == OFF else url.rstrip("/")
    if not page or _host(page) in ("", host.lower(), _host(base)):
        return body
    return _OURS.sub(f"{base}{PREFIX}".replace("\\", "").encode(), body)


def _host(address: str) -> str:
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""
