"""The whole server as one ASGI application: the hot path first, Litestar for everything else (ADR 0005)."""

from __future__ import annotations

import logging
import re

from lenticular.web.asgi import ASGI, Message, Receive, Scope, Send, answer, header
from lenticular.web.pages.handler import PagesHandler

_HOST = re.compile(rb"(?:[\w.~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::(\d{0,5}))?")
_log = logging.getLogger(__name__)
_NO_HOST = {"type": "about:blank", "title": "The Host header names no host.", "status": 400, "problems": []}
_DEFECT = {"code": "internal", "message": "This is a defect of the server. Its log says more; please report it."}


def application(decide: ASGI, collect: ASGI, pages: PagesHandler, rest: ASGI) -> ASGI:
    """Return the server: `/v1/decide`, the collect routes under `/v1/`, hosted pages, and the rest."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path.startswith("/v1/"):
                await _guarded(decide if path == "/v1/decide" else collect, scope, receive, send)
                return
            if not _is_host(header(scope, b"host")):
                await answer(send, 400, _NO_HOST, [], b"application/problem+json")
                return
            site = pages.site_of(scope)
            if site is not None:
                await pages(site, scope, send)
                return
        await rest(scope, receive, send)

    return app


async def _guarded(app: ASGI, scope: Scope, receive: Receive, send: Send) -> None:
    """Run an application; a defect of ours is logged, and answered like everything else."""
    begun = False

    async def tell(message: Message) -> None:
        nonlocal begun
        begun = True
        await send(message)

    try:
        await app(scope, receive, tell)
    except Exception:
        if begun:
            raise
        _log.exception("A request of a visitor could not be answered.")  # without its path, which people wrote
        await answer(send, 500, _DEFECT, [])


def _is_host(value: bytes) -> bool:
    """Whether a Host header can be one (RFC 9110, 7.2, asks for 400 if not); what is made of it must not fail later."""
    found = _HOST.fullmatch(value)
    return found is not None and int(found[1] or 0) < 1 << 16
