"""`/lenticular.js`: the browser tag, as `tag/build.py` has built it (ADR 0036). Pages of any origin load it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from litestar import Request, Response, route

from lenticular.web.packed import READ, Packed, packed_answer

_BUILT = "built"
_HOUR = "public, max-age=3600, stale-while-revalidate=604800"
_SCRIPT, _TEXT = "text/javascript", "text/plain"
_MISSING = b"The browser tag is not built. `make tag` builds it and says what it lacks; wheels carry it.\n"


@cache
def _load(name: str) -> Packed:
    """Return a file. Raises FileNotFoundError, which is not remembered."""
    folder = files("lenticular.web") / _BUILT
    plain = (folder / name).read_bytes()
    return Packed(plain, (folder / f"{name}.gz").read_bytes(), hashlib.sha256(plain).hexdigest()[:12])


def tag_address(name: str = "lenticular.js") -> str:
    """Return the path of the tag with its version, which browsers keep for good; plain where it is not built."""
    try:
        return f"/{name}?v={_load(name).version}"
    except FileNotFoundError:
        return f"/{name}"


def _answer(request: Request[Any, Any, Any], name: str, kind: str) -> Response[bytes]:
    """Answer with a file, or say how it is made."""
    try:
        built = _load(name)
    except FileNotFoundError:
        return Response(_MISSING, status_code=404, media_type=_TEXT, headers={"cache-control": "no-store"})
    return packed_answer(request, built, kind, _HOUR)


@route("/lenticular.js", http_method=READ, include_in_schema=False)
async def tag(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the file that a page loads."""
    return _answer(request, "lenticular.js", _SCRIPT)


@route("/lenticular/more.js", http_method=READ, include_in_schema=False)
async def more(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the rarer captures."""
    return _answer(request, "more.js", _SCRIPT)


@route("/lenticular.d.ts", http_method=READ, include_in_schema=False)
async def types(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the types for TypeScript."""
    return _answer(request, "lenticular.d.ts", _TEXT)


TAG = (tag, more, types)
"""The tag's routes."""
