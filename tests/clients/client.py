"""A client in a process of its own: it tells what it is told to, and says what went wrong."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.clients.install import CLIENTS
from tests.clients.story import Call
from tests.process import PATIENCE

HERE = Path(__file__).parent


class Client:
    """The process, and the version that its library gives itself."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.version = ""

    async def begin(self, calls: Sequence[Call]) -> None:
        """Have it tell these calls."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(list(calls)).encode() + b"\n")
        await self._process.stdin.drain()

    async def done(self) -> list[str]:
        """Return what went wrong with the calls that were begun, once all of them are sent or given up."""
        return list(await self.line())

    async def tell(self, calls: Sequence[Call]) -> list[str]:
        """Have it tell these calls, and return what went wrong."""
        await self.begin(calls)
        return await self.done()

    async def line(self) -> Any:
        """Return the next thing that it says."""
        assert self._process.stdout
        return json.loads(await asyncio.wait_for(self._process.stdout.readline(), PATIENCE))


@asynccontextmanager
async def client(words: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> AsyncIterator[Client]:
    """Yield a client that a command starts; it must end by itself and well."""
    process = await asyncio.create_subprocess_exec(
        *map(str, words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
    )
    try:
        started = Client(process)
        started.version = await started.line()
        yield started
        assert process.stdin
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def needs(name: str) -> pytest.MarkDecorator:
    """Skip a test whose client is not installed, with the reason, unless LENTICULAR_REQUIRE_CLIENTS is set."""
    why = CLIENTS / f"{name}.failed"
    said = why.read_text().splitlines()[0] if why.exists() else "make test installs it"
    return pytest.mark.skipif(
        not (CLIENTS / name).is_dir() and not os.environ.get("LENTICULAR_REQUIRE_CLIENTS"),
        reason=f"{name} is not installed: {said}",
    )


def pings(first: int, last: int) -> list[Call]:
    """Return calls that differ in a number."""
    return [{"call": "track", "userId": "maya", "event": "Ping", "properties": {"n": n}} for n in range(first, last)]
