"""The network between a client and the server, as bad as a test wants it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import msgspec

_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length"))


class Post(msgspec.Struct):
    """A post that came, by its path and headers, and what became of it."""

    path: str
    headers: dict[str, str]
    fate: str


class Network:
    """A proxy on a port of its own. `faults` says what becomes of the next posts, one each, before all goes well.

    A number is the answer that a proxy gives by itself (`429` with `Retry-After: 1`); a `bare` one has no headers
    for browsers. `cut` ends the connection instead of asking the server, `lost` asks it and then ends the connection.
    `unreachable` counts the posts that came while no server listened.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self.url = ""
        self.faults: list[str] = []
        self.posts: list[Post] = []
        self.unreachable = 0
        self._http = httpx.AsyncClient(timeout=60)
        self._open: set[asyncio.StreamWriter] = set()

    async def until_unreachable(self, seconds: float = 60) -> None:
        """Return once a client has found no server."""
        async with asyncio.timeout(seconds):
            while not self.unreachable:
                await asyncio.sleep(0.01)

    @property
    def fates(self) -> list[str]:
        """What became of the posts, in order."""
        return [post.fate for post in self.posts]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection of a client."""
        self._open.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._one(reader, writer):
                await writer.drain()
        self._open.discard(writer)
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        fate = (self.faults.pop(0) if self.faults else "passed") if method == "POST" else "passed"
        if method == "POST":
            self.posts.append(Post(path, headers, fate))
        if fate == "cut":
            return False
        if fate not in ("passed", "lost"):
            writer.write(_answer(fate, headers.get("origin", "")))
            return True
        passed = {name: value for name, value in headers.items() if name not in ("connection", "content-length")}
        try:
            answer = await self._http.request(method, self.upstream + path, headers=passed, content=body)
        except httpx.TransportError:
            self.unreachable += method == "POST"
            if method == "POST":
                self.posts[-1].fate = "unreachable"
            return False
        if fate == "lost":
            return False
        told = [f"{name}: {value}" for name, value in answer.headers.multi_items() if name not in _HOP]
        size = f"content-length: {len(answer.content)}"
        head = "\r\n".join([f"HTTP/1.1 {answer.status_code} x", *told, size, "", ""])
        writer.write(head.encode("latin-1") + (b"" if method == "HEAD" else answer.content))
        return True

    async def close(self) -> None:
        """End what is open."""
        for writer in self._open:
            writer.close()
        await self._http.aclose()


def _answer(fault: str, origin: str) -> bytes:
    status, _, bare = fault.partition(" ")
    lines = [f"HTTP/1.1 {status} x", "content-length: 0"]
    if status == "429":
        lines.append("retry-after: 1")
    if not bare and origin:
        lines += [f"access-control-allow-origin: {origin}", "access-control-expose-headers: Retry-After"]
    return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def network(upstream: str) -> AsyncIterator[Network]:
    """Yield a network that leads to a server."""
    made = Network(upstream)
    listening = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        listening.close()
        await made.close()
        await listening.wait_closed()
