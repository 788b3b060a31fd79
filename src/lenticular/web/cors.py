"""What a browser asks before and after a page of another origin sends something (Fetch Standard, CORS protocol)."""

from __future__ import annotations

import re

from lenticular.web.asgi import Headers, Scope, Send, header

_ALLOWED = b"authorization, content-type, content-encoding, x-retry-count"
_NAMES = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*")
_MOST = 1024


def cors_headers(scope: Scope) -> Headers:
    """Return the headers of an answer that a page of any origin may read, `Retry-After` too.

    The origin is echoed, since `*` is no answer to a page that sends its credentials. Nothing here goes by cookies:
    what opens a site is its key, which a page of another origin does not have by itself.
    """
    origin = header(scope, b"origin")
    if not origin:
        return []
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"Retry-After"),
        (b"vary", b"Origin"),
    ]


async def preflight(scope: Scope, send: Send) -> None:
    """Answer what a browser asks beforehand: yes, with the headers that it names, for two hours.

    What else a site's own scripts and tracing tools put on each request must not stop it: other headers mean
    nothing here. A server on a private network says that it means to be asked (Private Network Access draft).
    """
    asked = header(scope, b"access-control-request-headers")
    more = b", " + asked if len(asked) <= _MOST and _NAMES.fullmatch(asked) else b""
    headers: Headers = [
        *cors_headers(scope),
        (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
        (b"access-control-allow-headers", _ALLOWED + more),
        (b"access-control-max-age", b"7200"),
    ]
    if header(scope, b"access-control-request-private-network") == b"true":
        headers.append((b"access-control-allow-private-network", b"true"))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
