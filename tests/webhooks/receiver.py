"""A real receiver on a loopback port: it checks signatures with code of its own, and answers as a test wants."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

PATIENCE = 60
"""Seconds that a busy machine is given."""


class Got:
    """One request."""

    def __init__(self, line: str, headers: dict[str, str], body: bytes) -> None:
        self.line, self.headers, self.body = line, headers, body

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def event(self) -> str:
        return str(self.json["type"])

    def is_signed_with(self, secret: str) -> bool:
        """Whether one of the signatures is that of a secret, as Standard Webhooks has it."""
        key = base64.b64decode(secret.split("_", 1)[1])
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        given = [one.split(",", 1) for one in self.headers["webhook-signature"].split(" ")]
        return any(version == "v1" and hmac.compare_digest(theirs, mine) for version, theirs in given)


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def status(code: int, body: str = "", **headers: str) -> Answer:
    """Answer with a status."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        told = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        writer.write(f"HTTP/1.1 {code} X\r\ncontent-length: {len(body)}\r\n{told}\r\n{body}".encode())

    return answer


async def silence(writer: asyncio.StreamWriter) -> None:
    """Say nothing until the other side gives up."""
    await asyncio.Event().wait()


async def trickle(writer: asyncio.StreamWriter) -> None:
    """Answer byte by byte, without end."""
    with suppress(ConnectionError):
        writer.write(b"HTTP/1.1 200 X\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)


async def flood(writer: asyncio.StreamWriter) -> None:
    """Answer with more than anybody wants."""
    with suppress(ConnectionError):
        writer.write(b"HTTP/1.1 200 X\r\n\r\n")
        for _ in range(1_000):
            writer.write(b"y" * 65_536)
            await writer.drain()


async def rubbish(writer: asyncio.StreamWriter) -> None:
    """Answer with no HTTP."""
    writer.write(b"EHLO\r\n\r\n")


class Receiver:
    """What came in, and what is answered: the next of `answers`, else `always`."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[Got] = []
        self.answers: list[Answer] = []
        self.always: Answer = status(204)
        self._news = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            given = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in head[1:] if line}
            body = await reader.readexactly(int(given["content-length"]))
            self.got.append(Got(head[0], given, body))
            self._news.set()
            answer = self.answers.pop(0) if self.answers else self.always
            answering, gone = asyncio.ensure_future(answer(writer)), asyncio.ensure_future(reader.read())
            await asyncio.wait((answering, gone), return_when=asyncio.FIRST_COMPLETED)
            for one in (answering, gone):
                one.cancel()
            await asyncio.gather(answering, gone, return_exceptions=True)
            await writer.drain()
        writer.close()

    async def until(self, count: int, event: str = "") -> list[Got]:
        """Return the requests once there are so many (of an event); fails if they don't come."""
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._news.clear()
                    found = [one for one in self.got if not event or one.event == event]
                    if len(found) >= count:
                        return found
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{count} requests did not come, but {[one.event for one in self.got]}") from None


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Open a receiver for the length of a block."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?a=1"
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
