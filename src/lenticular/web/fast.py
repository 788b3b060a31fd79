"""The whole server as one ASGI application: the hot path first, Litestar for everything else (ADR 0005)."""

from __future__ import annotations

from lenticular.web.asgi import ASGI, Receive, Scope, Send


def application(decide: ASGI, collect: ASGI, rest: ASGI) -> ASGI:
    """Return the server: `/v1/decide`, the collect routes under `/v1/`, and the rest."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path == "/v1/decide":
                await decide(scope, receive, send)
                return
            if path.startswith("/v1/"):
                await collect(scope, receive, send)
                return
        await rest(scope, receive, send)

    return app
