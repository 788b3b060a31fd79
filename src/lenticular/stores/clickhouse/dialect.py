"""ClickHouse's HTTP interface as a raw ASGI app: the part that clients need."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lenticular.stores.clickhouse.engine import KILL, Answer, Engine
from lenticular.stores.clickhouse.refused import Refused
from lenticular.stores.clickhouse.statement import Statement, read_statement

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

_CONTENT_TYPE = {
    "TabSeparated": "text/tab-separated-values; charset=UTF-8",
    "TSV": "text/tab-separated-values; charset=UTF-8",
    "CSV": "text/csv; charset=UTF-8; header=absent",
    "JSON": "application/json; charset=UTF-8",
    "JSONEachRow": "application/x-ndjson; charset=UTF-8",
}
_SLICE = 1024 * 1024


class Dialect:
    """The app. `parallel` statements run at once, `waiting` more may stand in line, others are refused."""

    def __init__(self, engine: Engine, token: str, body_limit: int, parallel: int = 8, waiting: int = 64) -> None:
        self._engine = engine
        self._token = token.encode()
        self._body_limit = body_limit
        self._room = parallel + waiting
        self._pool = ThreadPoolExecutor(parallel, "query")
        # Apart, so that what stops a query never waits behind queries.
        self._killers = ThreadPoolExecutor(2, "kill")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        try:
            if scope["path"] == "/ping":
                await _send(send, 200, [(b"content-type", b"text/plain")], b"Ok.\n")
                return
            self._admit(scope, headers)
            body = await self._body(receive)
            statement = read_statement(scope["method"], scope["query_string"], headers, body)
            answer = await self._run(statement, receive)
        except Refused as refused:
            await _send(
                send,
                refused.status,
                [
                    (b"content-type", b"text/plain; charset=UTF-8"),
                    (b"x-clickhouse-exception-code", str(refused.code).encode()),
                ],
                refused.body,
            )
        else:
            await _send(send, 200, _headers(statement, answer), answer.body)

    def _admit(self, scope: Scope, headers: dict[str, str]) -> None:
        if scope["method"] not in ("GET", "POST"):
            raise Refused(405, 36, f"{scope['method']} is not understood here. Use GET or POST.")
        if not hmac.compare_digest(_credentials(headers), self._token):
            raise Refused(
                403,
                516,
                "Authentication failed: the token is wrong or missing. Only the server that started me may ask.",
            )
        if int(headers.get("content-length") or 0) > self._body_limit:
            raise self._too_large()

    async def _body(self, receive: Receive) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refused(400, 210, "The client went away before its request was complete.")
            size += len(message.get("body", b""))
            if size > self._body_limit:
                raise self._too_large()
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                return b"".join(parts)

    def _too_large(self) -> Refused:
        return Refused(413, 307, f"The request is larger than {self._body_limit} bytes. Send it in smaller parts.")

    async def _run(self, statement: Statement, receive: Receive) -> Answer:
        if self._room <= 0:
            raise Refused(503, 202, "Too many simultaneous queries. Try again in a moment.")
        pool = self._killers if KILL.match(statement.text) else self._pool
        self._room -= 1
        job = pool.submit(self._engine.run, statement)
        work = asyncio.wrap_future(job)
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            either: set[asyncio.Future[Any]] = {work, gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            # An insert runs to its end: its client will ask again with the same token, and it must count once.
            if not work.done() and not statement.has_data:
                if job.cancel():
                    raise Refused(400, 210, "The client went away before its query ran.")
                await asyncio.wrap_future(self._killers.submit(self._engine.kill, statement.query_id))
            return await work
        finally:
            self._room += 1
            gone.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _credentials(headers: dict[str, str]) -> bytes:
    """Return the secret that a request shows: X-ClickHouse-Key, a basic password, or a bearer token."""
    key = headers.get("x-clickhouse-key")
    if key is not None:
        return key.encode("latin-1")
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.encode("latin-1")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).partition(b":")[2]
        except binascii.Error:
            return b""
    return b""


def _headers(statement: Statement, answer: Answer) -> Headers:
    headers = [
        (b"content-type", _CONTENT_TYPE.get(answer.format, "application/octet-stream").encode()),
        (b"x-clickhouse-query-id", statement.query_id.encode("latin-1", "replace")),
        (b"x-clickhouse-timezone", b"UTC"),
        (b"x-clickhouse-summary", answer.summary.encode()),
    ]
    if answer.format:
        headers.append((b"x-clickhouse-format", answer.format.encode()))
    return headers


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    for start in range(0, len(body), _SLICE):
        more = start + _SLICE < len(body)
        await send({"type": "http.response.body", "body": body[start : start + _SLICE], "more_body": more})
    if not body:
        await send({"type": "http.response.body", "body": b""})
