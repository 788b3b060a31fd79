"""A real server on a loopback port of its own, in the test's event loop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from lenticular.web.asgi import ASGI
from lenticular.web.connection import Connection, connections


@asynccontextmanager
async def serving(app: ASGI, protocol: type[Connection] | None = None) -> AsyncIterator[str]:
    """Yield the address of a server that runs `app`, over connections of the real server's kind."""
    http = protocol or connections(most=1_000)
    # asyncio sends small answers at once (TCP_NODELAY) only through a socket that says it is TCP.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, http=http, ws="none", lifespan="off", loop="none", log_level="warning", access_log=False
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            async with asyncio.timeout(10):
                while not server.started:
                    await asyncio.sleep(0.005)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await asyncio.wait_for(task, 10)
