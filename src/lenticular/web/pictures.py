"""`/lenticular/pictures/…`: the pictures of all sites, on every host, for pages of any origin.

An address names the bytes, so browsers keep what they have for good. A variant that is not made yet is answered with
what everybody knows, and not kept.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import IO, Any

from litestar import asgi

from lenticular.app.open import Installation
from lenticular.catalog.picture import FORMATS, PREFIX
from lenticular.web.asgi import Headers, Scope, Send, header

_PATH = re.compile(r"/([0-9a-f]{32})/(?:([1-9]\d{0,4})/)?[A-Za-z0-9._~-]{1,120}\.([a-z]{3,4})")
_KINDS = {
    "jpg": b"image/jpeg",
    "png": b"image/png",
    "webp": b"image/webp",
    "avif": b"image/avif",
    "svg": b"image/svg+xml",
}
_EVER = b"public, max-age=31536000, immutable"
_NOW = b"no-cache"
_DRAWN = b"default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""The content security policy of a drawing that somebody opens as a page."""
_PIECE = 1 << 18


@asgi(PREFIX.rstrip("/"), is_mount=True, copy_scope=True)
async def pictures(scope: Any, receive: Any, send: Any) -> None:
    """Answer with a picture."""
    found = _PATH.fullmatch(scope["path"].removeprefix(PREFIX.rstrip("/")).rstrip("/"))
    if scope["type"] != "http":
        return
    if scope["method"] not in ("GET", "HEAD"):
        await _say(send, 405, [(b"allow", b"GET, HEAD")])
        return
    installation: Installation = scope["litestar_app"].state["installation"]
    opened = await asyncio.to_thread(_open, installation, found[1], found[2], found[3]) if found else None
    if opened is None:
        await _say(send, 404, [(b"cache-control", b"no-store")])
        return
    name, file, whole = opened
    try:
        await _answer(scope, send, name, file, whole)
    finally:
        file.close()


def _open(installation: Installation, name: str, width: str | None, form: str) -> tuple[str, IO[bytes], bool] | None:
    """Return the file that an address means: its name in full, itself, and whether it is the one that was meant."""
    pictures = installation.pictures
    fallback = pictures.fallback(name)
    if not fallback:
        return None
    wanted = f"{width}.{form}" if width and form in FORMATS else fallback
    for each in dict.fromkeys((wanted, fallback)):
        path = pictures.files.find(name, each)
        if path is not None:
            try:
                return f"{name}/{each}", path.open("rb"), each == wanted and (width is None or each != fallback)
            except OSError:  # it went in between, or the disk does not answer
                continue
    return None


async def _answer(scope: Scope, send: Send, name: str, file: IO[bytes], whole: bool) -> None:
    kind = name.rpartition(".")[2]
    etag = f'"{name.replace("/", "-")}"'.encode()
    headers: Headers = [
        (b"etag", etag),
        (b"cache-control", _EVER if whole else _NOW),
        (b"access-control-allow-origin", b"*"),
        (b"cross-origin-resource-policy", b"cross-origin"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if kind == "svg":
        headers.append((b"content-security-policy", _DRAWN))
    known = {each.strip().removeprefix(b"W/") for each in header(scope, b"if-none-match").split(b",")}
    if etag in known or b"*" in known:
        await _send(send, 304, headers)
        return
    size = os.fstat(file.fileno()).st_size
    headers += [(b"content-type", _KINDS[kind]), (b"content-length", b"%d" % size)]
    if scope["method"] == "HEAD":
        await _send(send, 200, headers)
        return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    while size > 0:
        piece = await asyncio.to_thread(file.read, min(_PIECE, size))
        size -= len(piece)
        if not piece:
            raise OSError("A picture's file has become shorter while it was sent.")
        await send({"type": "http.response.body", "body": piece, "more_body": size > 0})


async def _say(send: Send, status: int, headers: Headers) -> None:
    body = b"There is no such picture.\n" if status == 404 else b"Pictures are asked for with GET.\n"
    told = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(body)), *headers]
    await _send(send, status, told, body)


async def _send(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
