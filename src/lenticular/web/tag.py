"""`/lenticular.js`: the browser tag, as `tag/build.py` has built it (ADR 0036). Pages of any origin load it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.enums import HttpMethod

_BUILT = "built"
_HOUR = "public, max-age=3600, stale-while-revalidate=604800"
_EVER = "public, max-age=31536000, immutable"
_SCRIPT, _TEXT = "text/javascript", "text/plain"
_MISSING = b"The browser tag is not built. `make tag` builds it and says what it lacks; wheels carry it.\n"


class Built(msgspec.Struct, frozen=True):
    """A file of the tag: its bytes, the same gzipped, and the hash of them (12 hex digits)."""

    plain: bytes
    gzipped: bytes
    version: str


@cache
def _load(name: str) -> Built:
    """Return a file. Raises FileNotFoundError, which is not remembered."""
    folder = files("lenticular.web") / _BUILT
    plain = (folder / name).read_bytes()
    return Built(plain, (folder / f"{name}.gz").read_bytes(), hashlib.sha256(plain).hexdigest()[:12])


def tag_address(name: str = "lenticular.js") -> str:
    """Return the path of the tag with its version, which browsers keep for good; plain where it is not built."""
    try:
        return f"/{name}?v={_load(name).version}"
    except FileNotFoundError:
        return f"/{name}"


def _answer(request: Request[Any, Any, Any], name: str, kind: str) -> Response[bytes]:
    """Answer with a file: not at all if the browser has it, gzipped if it can."""
    try:
        built = _load(name)
    except FileNotFoundError:
        return Response(_MISSING, status_code=404, media_type=_TEXT, headers={"cache-control": "no-store"})
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{built.version}{"-gz" if zipped else ""}"'
    headers = {
        "etag": etag,
        "cache-control": _EVER if request.query_params.get("v") == built.version else _HOUR,
        "vary": "Accept-Encoding",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
    }
    known = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    if etag in known or "*" in known:
        return Response(b"", status_code=304, headers=headers, media_type=kind)
    if zipped:
        headers["content-encoding"] = "gzip"
    content = built.gzipped if zipped else built.plain
    if request.method == HttpMethod.HEAD:
        headers["content-length"] = str(len(content))
        content = b""
    return Response(content, headers=headers, media_type=kind)


_GET = [HttpMethod.GET, HttpMethod.HEAD]


@route("/lenticular.js", http_method=_GET, include_in_schema=False)
async def tag(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the file that a page loads."""
    return _answer(request, "lenticular.js", _SCRIPT)


@route("/lenticular/more.js", http_method=_GET, include_in_schema=False)
async def more(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the rarer captures."""
    return _answer(request, "more.js", _SCRIPT)


@route("/lenticular.d.ts", http_method=_GET, include_in_schema=False)
async def types(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Return the types for TypeScript."""
    return _answer(request, "lenticular.d.ts", _TEXT)


TAG = (tag, more, types)
"""The tag's routes."""
