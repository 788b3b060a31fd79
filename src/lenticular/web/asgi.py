"""The little of ASGI that the hot path needs: a bounded body in, one JSON answer out."""

from __future__ import annotations

import asyncio
import base64
import binascii
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGI = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI 3 application (asgi.readthedocs.io, HTTP & WebSocket message format)."""

Headers = list[tuple[bytes, bytes]]

BODY_SECONDS = 30.0
"""How long a client may take to send a request's body, in all."""
WHOLE = "lenticular.whole"
"""True in the scope of a request whose body has come with its head: nobody needs to watch the time."""

ABORT = "lenticular.abort"
"""In the scope of a request: closes its connection at once, whatever waits to be written."""


class TooLargeError(Exception):
    """A body is larger than its limit, or unpacks to more."""


class BadBodyError(Exception):
    """A body can't be unpacked."""


class GoneError(Exception):
    """The client went away before its body was complete."""


class SlowBodyError(Exception):
    """A body did not come in time."""


async def body_of(scope: Scope, receive: Receive, gzipped: bool, limit: int, seconds: float = BODY_SECONDS) -> bytes:
    """Return a request's body, unpacked. Reads and unpacks no more than `limit` bytes and one more.

    Raises TooLargeError, BadBodyError, GoneError, and SlowBodyError when it has not come after `seconds`.
    """
    if scope.get(WHOLE):
        body = await _received(receive, limit)
    else:
        try:
            async with asyncio.timeout(seconds):
                body = await _received(receive, limit)
        except TimeoutError:
            raise SlowBodyError from None
    return _unpacked(body, limit) if gzipped else body


async def _received(receive: Receive, limit: int) -> bytes:
    """Return what a client sends. A body that comes byte by byte takes the room of its bytes, not of its parts."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        chunk: bytes = message.get("body", b"")
        if len(body) + len(chunk) > limit:
            raise TooLargeError
        if not message.get("more_body", False):
            return bytes(body + chunk) if body else chunk
        body += chunk


def _unpacked(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        out = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise BadBodyError from error
    if len(out) > limit:
        raise TooLargeError
    if not unpacker.eof:
        raise BadBodyError
    return out


def header(scope: Scope, name: bytes) -> bytes:
    """Return a request header's first value, empty if there is none; `name` in lower case."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""


def key_of(authorization: bytes) -> str:
    """Return the key of an `Authorization` header, Bearer or the user name of Basic; empty for none."""
    scheme, _, value = authorization.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip().decode("utf-8", "replace")
    if scheme.lower() != b"basic":
        return ""
    try:
        return base64.b64decode(value.strip(), validate=True).decode("utf-8", "replace").partition(":")[0]
    except (binascii.Error, ValueError):
        return ""


async def answer(send: Send, status: int, content: Any, headers: Headers, kind: bytes = b"application/json") -> None:
    """Send one JSON answer; `content` may be encoded already."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    own: Headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": own + headers})
    await send({"type": "http.response.body", "body": body})
