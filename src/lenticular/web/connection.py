"""One connection of a client: how long it may say nothing, and what gives way when there are too many (ADR 0015)."""

from __future__ import annotations

import asyncio
import re
import resource
from typing import ClassVar, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from lenticular.web.asgi import ABORT, WHOLE, Scope

MAX_HEAD = 64 * 1024
_OWN = 512
"""Files that the server opens itself, at most: stores, the events store's connections."""
_MOST = 10_000
_UPGRADE = re.compile(rb"\nupgrade:", re.IGNORECASE)
"""As long as what takes its place, so that a head is as long as it was."""
_LATE = b'{"code":"slow_request","message":"The request did not come in time; send it again."}'
_LONG = b'{"code":"too_large","message":"The head of a request may have 64 KB."}'


class Connection(HttpToolsProtocol):
    """uvicorn's protocol, which waits for a request as long as it takes, with an end to waiting.

    A request's head must be there within `head_seconds`, of the first one since the connection was made. A body that is
    read has its own time (`asgi.body_of`); the rest of one that was answered already is taken in for `rest_seconds`, so
    that a client in the middle of it reads the answer: closed at once, it would see no more than a broken connection.
    With more than `most` connections the one that has owed a request the longest is closed: whoever opens many and
    says nothing stops nobody else.
    """

    head_seconds: ClassVar[float] = 10.0
    rest_seconds: ClassVar[float] = 30.0
    most: ClassVar[int] = _MOST
    owing: ClassVar[dict[Connection, None]] = {}
    """Those whose client's turn it is, in the order in which it became so."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait; close another one if there are too many."""
        super().connection_made(cast(asyncio.Transport, transport))
        self._timer: asyncio.TimerHandle | None = self.loop.call_later(self.head_seconds, self._late)
        if len(self.connections) > self.most:
            next(filter(Connection._gives_way, self.owing), self).transport.close()
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop()
        self.owing.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and watch the time until the message is whole."""
        before = self._in_head  # what ends a body, however long, is not the head of the next request
        super().data_received(_without_upgrade(data) if before and (b"pgrade" in data or b"PGRADE" in data) else data)
        if not self._owes or self.transport.is_closing():
            return
        if self._in_head:
            self._head += len(data) if before else 0
            if self._head > MAX_HEAD:
                self._refuse(b"431 Request Header Fields Too Large", _LONG)
                return
        if self._timer is None:
            self._timer = self.loop.call_later(self.head_seconds if self._in_head else self.rest_seconds, self._late)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_head = self._owes = True

    def on_headers_complete(self) -> None:
        """Its head is there."""
        self._head, self._in_head = 0, False
        self._stop()
        cast(Scope, self.scope)[ABORT] = self.transport.abort
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is there."""
        self._owes = False
        self.owing.pop(self, None)
        self._stop()
        cast(Scope, self.scope)[WHOLE] = True
        super().on_message_complete()
        if self.cycle.response_complete:  # it was refused before all of it was there
            self._await_head()

    def on_response_complete(self) -> None:
        """It is answered: the client's turn again."""
        super().on_response_complete()
        if not self._owes:
            self._await_head()

    def _await_head(self) -> None:
        self._head, self._in_head, self._owes = 0, True, True
        self.owing[self] = None

    def _late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._in_head:
            if self._head:
                self._refuse(b"408 Request Timeout", _LATE)
            else:
                self.transport.close()
        elif self.cycle.response_complete:
            self.transport.close()
        else:  # whoever answers is reading it
            self._timer = self.loop.call_later(self.rest_seconds, self._late)

    def _gives_way(self) -> bool:
        """Whether nothing is being answered here that is asked for completely."""
        if self.transport.is_closing():
            return False
        return self.cycle is None or self.cycle.response_complete or self.cycle.more_body

    def _refuse(self, status: bytes, body: bytes) -> None:
        if self.cycle is None or self.cycle.response_complete:
            head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
            self.transport.write(head % (status, len(body)) + body)
        self.transport.close()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _without_upgrade(data: bytes) -> bytes:
    """Take the offer of another protocol out of a request's head, for a server need not know it (RFC 9110, 7.8).

    The parser would take what follows the head for that protocol, and the body would be lost.
    """
    head, end, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"\nIgnored:", head) + end + rest


def connections(most: int | None = None, head_seconds: float = 10.0, rest_seconds: float = 30.0) -> type[Connection]:
    """Return the protocol of one server; `most` unless given follows from how many files the process may open."""
    if most is None:
        most = min(_MOST, max(64, _open_files() - _OWN))
    own = {"most": most, "head_seconds": head_seconds, "rest_seconds": rest_seconds, "owing": {}}
    return type("Connection", (Connection,), own)


def _open_files() -> int:
    """Ask for as many open files as the system allows, and return how many that are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST + _OWN if hard == resource.RLIM_INFINITY else min(hard, _MOST + _OWN)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return wanted if soft == resource.RLIM_INFINITY else soft
