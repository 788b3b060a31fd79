"""`/join#…`: the page that a link leads to. It takes a password, and needs nothing but this server."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from litestar import Response, get

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)


@get("/join", include_in_schema=False)
async def join() -> Response[bytes]:
    """Return the page."""
    return _file("index.html", "text/html; charset=utf-8")


@get("/join/page.js", include_in_schema=False)
async def join_script() -> Response[bytes]:
    """Return its script."""
    return _file("page.js", "text/javascript; charset=utf-8")


@get("/join/page.css", include_in_schema=False)
async def join_style() -> Response[bytes]:
    """Return how it looks."""
    return _file("page.css", "text/css; charset=utf-8")


def _file(name: str, kind: str) -> Response[Any]:
    content = (files("lenticular.web") / "joining" / name).read_bytes()
    headers = {
        "content-security-policy": _POLICY,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(content, media_type=kind, headers=headers)


JOIN = (join, join_script, join_style)
"""The page's routes."""
