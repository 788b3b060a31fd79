"""`/lenticular/theme.css`: how blocks look, with the tokens of a site (`?site=KEY`). Pages of any origin load it."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.datastructures import State
from litestar.enums import HttpMethod

from lenticular.app.open import Installation
from lenticular.blocks.theme import FILE, theme_with
from lenticular.catalog.site import Site
from lenticular.ids import short_hash

_DAY = "public, max-age=86400, stale-while-revalidate=604800"
_EVER = "public, max-age=31536000, immutable"
_KIND = "text/css"
_SITES = 1_000


class Theme(msgspec.Struct, frozen=True):
    """A stylesheet, the same gzipped, and its version."""

    plain: bytes
    gzipped: bytes
    version: str


@lru_cache(_SITES)
def _theme(tokens: tuple[tuple[str, str], ...]) -> Theme:
    stylesheet = (files("lenticular.blocks.theme") / FILE).read_text("utf-8")
    plain = theme_with(stylesheet, dict(tokens))
    return Theme(plain.encode(), gzip.compress(plain.encode(), mtime=0), short_hash(plain)[:12])


def theme_of(installation: Installation, site: str) -> Theme:
    """Return the stylesheet of a site; that without any tokens if there is no such site."""
    found = installation.sites.get(site)
    return _theme(tuple(found.engine.catalog.site.theme.items()) if found else ())


def theme_for(site: Site) -> str:
    """Return the path of a site's stylesheet with its version, which browsers keep for good."""
    return f"/lenticular/theme.css?site={site.key}&v={_theme(tuple(site.theme.items())).version}"


@route("/lenticular/theme.css", http_method=[HttpMethod.GET, HttpMethod.HEAD], include_in_schema=False)
async def theme(request: Request[Any, Any, State], state: State) -> Response[bytes]:
    """Return the stylesheet: not at all if the browser has it, gzipped if it can."""
    made = theme_of(state["installation"], request.query_params.get("site", ""))
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{made.version}{"-gz" if zipped else ""}"'
    headers = {
        "etag": etag,
        "cache-control": _EVER if request.query_params.get("v") == made.version else _DAY,
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
    }
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(b"", status_code=304, headers=headers, media_type=_KIND)
    if zipped:
        headers["content-encoding"] = "gzip"
    content = made.gzipped if zipped else made.plain
    if request.method == HttpMethod.HEAD:
        headers["content-length"] = str(len(content))
        content = b""
    return Response(content, headers=headers, media_type=_KIND)
