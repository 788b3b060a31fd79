"""`/lenticular/theme.css`: how blocks look, with the tokens of a site (`?site=KEY`). Pages of any origin load it."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.resources import files
from typing import Any

from litestar import Request, Response, route
from litestar.datastructures import State

from lenticular.app.open import Installation
from lenticular.blocks.theme import FILE, theme_with
from lenticular.catalog.site import Site
from lenticular.ids import short_hash
from lenticular.web.packed import READ, Packed, packed_answer

_DAY = "public, max-age=86400, stale-while-revalidate=604800"
_KIND = "text/css"
_SITES = 1_000


@lru_cache(_SITES)
def _theme(tokens: tuple[tuple[str, str], ...]) -> Packed:
    stylesheet = (files("lenticular.blocks.theme") / FILE).read_text("utf-8")
    plain = theme_with(stylesheet, dict(tokens))
    return Packed(plain.encode(), gzip.compress(plain.encode(), mtime=0), short_hash(plain)[:12])


def theme_of(installation: Installation, site: str) -> Packed:
    """Return the stylesheet of a site; that without any tokens if there is no such site."""
    found = installation.sites.get(site)
    return _theme(tuple(found.engine.catalog.site.theme.items()) if found else ())


def theme_for(site: Site) -> str:
    """Return the path of a site's stylesheet with its version, which browsers keep for good."""
    return f"/lenticular/theme.css?site={site.key}&v={_theme(tuple(site.theme.items())).version}"


@route("/lenticular/theme.css", http_method=READ, include_in_schema=False)
async def theme(request: Request[Any, Any, State], state: State) -> Response[bytes]:
    """Return the stylesheet."""
    made = theme_of(state["installation"], request.query_params.get("site", ""))
    return packed_answer(request, made, _KIND, _DAY)
