"""A file that browsers keep: with its version, gzipped beforehand, for pages of any origin."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response
from litestar.enums import HttpMethod

READ = [HttpMethod.GET, HttpMethod.HEAD]
_EVER = "public, max-age=31536000, immutable"


class Packed(msgspec.Struct, frozen=True):
    """A file: its bytes, the same gzipped, and the hash of them (12 hex digits)."""

    plain: bytes
    gzipped: bytes
    version: str


def packed_answer(request: Request[Any, Any, Any], file: Packed, kind: str, caching: str) -> Response[bytes]:
    """Answer with a file: not at all if the browser has it, gzipped if it can.

    Under `?v=VERSION` it is kept for good, else as `caching` (Cache-Control) says.
    """
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{file.version}{"-gz" if zipped else ""}"'
    headers = {
        "etag": etag,
        "cache-control": _EVER if request.query_params.get("v") == file.version else caching,
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
    content = file.gzipped if zipped else file.plain
    if request.method == HttpMethod.HEAD:
        headers["content-length"] = str(len(content))
        content = b""
    return Response(content, headers=headers, media_type=kind)
