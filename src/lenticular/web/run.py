"""Run the server: open the data folder, answer until told to stop, close."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from lenticular.app.open import Folder, Installation
from lenticular.errors import LenticularError, Problem
from lenticular.settings import Settings
from lenticular.web.server import server

SERVER_FILE = "server.json"


class Running(msgspec.Struct, frozen=True):
    """Where the server of a data folder answers, and the token that opens its admin API."""

    url: str
    token: str
    pid: int


Started = Callable[[Installation, Running], Awaitable[None]]
"""Called when the server answers."""


async def serve(
    settings: Settings, started: Started, routes: Callable[[Installation], Sequence[Any]] | None = None
) -> None:
    """Serve a data folder until SIGINT or SIGTERM.

    Raises StoreError if the folder can't be used, LenticularError if the port can't be had.
    """
    listening = listen(settings.host, settings.port)
    try:
        installation = Installation(Folder(settings.data, create=True), now, new_id)
    except LenticularError:
        listening.close()
        raise
    try:
        await installation.open()
        running = Running(_url(settings.host, listening), secrets.token_urlsafe(24), os.getpid())
        app = server(installation, running.token, routes(installation) if routes else ())
        await _answer(app, listening, installation, running, started)
    finally:
        (settings.data / SERVER_FILE).unlink(missing_ok=True)
        listening.close()
        await installation.close()


async def _answer(
    app: Any, listening: socket.socket, installation: Installation, running: Running, started: Started
) -> None:
    config = uvicorn.Config(
        app, lifespan="off", log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5
    )
    uvicorn_server = uvicorn.Server(config)
    answering = asyncio.create_task(uvicorn_server.serve(sockets=[listening]))
    while not uvicorn_server.started and not answering.done():
        await asyncio.sleep(0.005)
    if not uvicorn_server.started:
        await answering
        return
    write_server_file(installation.folder.path, running)
    telling = asyncio.ensure_future(started(installation, running))
    await asyncio.wait((telling, answering), return_when=asyncio.FIRST_COMPLETED)
    if telling.done() and telling.exception():
        uvicorn_server.should_exit = True
    await answering
    telling.cancel()
    with suppress(asyncio.CancelledError):
        await telling


def listen(host: str, port: int) -> socket.socket:
    """Return a bound socket; port 0 takes any free one. Raises LenticularError if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((host, port))
    except OSError as error:
        found.close()
        hint = "Stop what is listening there, or take another port: --port 8401, or make demo PORT=8401."
        raise LenticularError(
            Problem("server.port", f"The address can't be had: {error.strerror}.", f"{host}:{port}", hint)
        ) from None
    return found


def write_server_file(folder: Path, running: Running) -> None:
    """Say where the server answers, readable by its own user only: the token is in it."""
    path = folder / SERVER_FILE
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.encode(running))


def running_server(data: Path) -> Running | None:
    """Return where the server of a data folder answers, None if none says so."""
    try:
        return msgspec.json.decode((data / SERVER_FILE).read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError):
        return None


def now() -> int:
    """Return now, in milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """Return a random id."""
    return uuid.uuid4().hex


def _url(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  # read, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
