"""The application in this process as an httpx transport that streams: an answer of any size passes through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx

from lenticular.web.asgi import ASGI, Message

_AHEAD = 4
"""Pieces of an answer that may wait to be read."""


class Here(httpx.AsyncBaseTransport):
    """Asks an ASGI application, a task for each request."""

    def __init__(self, app: ASGI) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return an answer as soon as it begins."""
        asked = _Asked(self._app, request, await request.aread())
        return await asked.answer()


class _Asked(httpx.AsyncByteStream):
    """One request, and its answer as it comes."""

    def __init__(self, app: ASGI, request: httpx.Request, body: bytes) -> None:
        self._body: bytes | None = body
        self._gone = asyncio.Event()
        self._pieces: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue(_AHEAD)
        self._started: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run(app, _scope(request)))

    async def _run(self, app: ASGI, scope: dict[str, Any]) -> None:
        await app(scope, self._receive, self._send)

    async def answer(self) -> httpx.Response:
        either: set[asyncio.Future[Any]] = {self._task, self._started}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not self._started.done():
            self._started.cancel()
            await self._task
            raise httpx.ReadError("The application gave no answer.")
        message = self._started.result()
        return httpx.Response(message["status"], headers=message.get("headers", []), stream=self)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        more = True
        while more:
            getting = asyncio.create_task(self._pieces.get())
            await asyncio.wait([getting, self._task], return_when=asyncio.FIRST_COMPLETED)
            if not getting.done() and self._pieces.empty():
                getting.cancel()
                raise httpx.ReadError("The answer broke off.")
            content, more = await getting
            yield content

    async def aclose(self) -> None:
        self._gone.set()
        self._task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._task

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._started.set_result(message)
        elif message["type"] == "http.response.body":
            await self._pieces.put((message.get("body", b""), message.get("more_body", False)))


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }
