"""Run the server: open the data folder, answer until told to stop, close."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from lenticular.app.folder import Folder, unwritable
from lenticular.app.open import Installation
from lenticular.errors import LenticularError, Problem, StoreError
from lenticular.logs import watch
from lenticular.settings import Settings
from lenticular.web.connection import connections
from lenticular.web.now import new_id, now
from lenticular.web.running import SERVER_FILE, Running, running_server, write_server_file
from lenticular.web.server import server

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


Started = Callable[[Installation, Running], Awaitable[None]]
"""Called when the server answers."""
Routes = Callable[[Installation], Sequence[Any]]
_LOOK = 2.0
"""Seconds between two looks whether a folder can be written to."""
_log = logging.getLogger(__name__)


async def serve(settings: Settings, started: Started, routes: Routes | None = None) -> None:
    """Serve a data folder until SIGINT or SIGTERM. One that can't be written to is opened anew when it can.

    Raises StoreError if the folder can't be used, LenticularError if the port can't be had.
    """
    stop = _told_to_stop()
    watch(asyncio.get_running_loop())
    folder = _take(settings.data)
    try:
        listening = listen(settings.host, settings.port)
    except LenticularError:
        folder.release()
        raise
    with closing(listening):
        while True:
            await _round(settings, folder, listening, stop, partial(_tell, started), routes)
            if stop.is_set() or not folder.refusal:
                return
            _log.warning("The data folder can be written to again: everything is opened anew.")
            folder = _take(settings.data)


async def _round(
    settings: Settings,
    folder: Folder,
    listening: socket.socket,
    stop: asyncio.Event,
    tell: Callable[[Installation, Running], Awaitable[None]],
    routes: Routes | None,
) -> None:
    """Serve from opening the folder to closing it: until told to stop, or until one that can't be written to can be."""
    if folder.refusal:
        _log.error("The data folder can't be written to: %s. Decisions go on, events are refused.", folder.refusal)
    installation = Installation(folder, now, new_id, settings)
    installation.pulling.environment = os.environ
    installation.pulling.scheduled = not folder.refusal
    mine = listening.dup()  # who comes between two rounds waits at the other one
    try:
        _forget(folder.path)  # a server that was killed
        await installation.open()
        # What lives as long as the server needs no collecting; events come and go without cycles.
        gc.freeze()
        gc.set_threshold(20_000, 50, 100)
        running = Running(_url(settings.host, listening), secrets.token_urlsafe(24), os.getpid())
        app = server(installation, running.token, routes(installation) if routes else ())
        end = _writable(folder.path, stop) if folder.refusal else stop.wait()
        told = partial(tell, installation, running)
        await _answer(_config(app, settings), mine, end, told, installation.end_streams)
    finally:
        _forget(folder.path)
        mine.close()
        await installation.close()


async def _tell(started: Started, installation: Installation, running: Running) -> None:
    with suppress(OSError):  # of a folder that can't be written to, commands find no server
        write_server_file(installation.folder.path, running)
    await started(installation, running)


def _forget(data: Path) -> None:
    with suppress(OSError):
        (data / SERVER_FILE).unlink(missing_ok=True)


async def _writable(data: Path, stop: asyncio.Event) -> None:
    """Return when a folder can be written to, or when told to stop."""
    while not stop.is_set() and await asyncio.to_thread(unwritable, data) != "":
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):
                await stop.wait()


def _told_to_stop() -> asyncio.Event:
    """Return what SIGINT and SIGTERM set from now on. A second signal ends the process at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        stop.set()
        for each in _SIGNALS:
            loop.remove_signal_handler(each)

    for each in _SIGNALS:
        loop.add_signal_handler(each, told)
    return stop


def _take(data: Path) -> Folder:
    """Own a data folder. Raises StoreError, which says where the server answers that owns it already."""
    try:
        return Folder(data, create=True, to_read=True)
    except StoreError as error:
        [problem] = error.problems
        running = running_server(data)
        if problem.code != "data.in-use" or running is None:
            raise
        hint = f"A server answers at {running.url} (process {running.pid}): use it, stop it, or name another folder."
        raise StoreError(msgspec.structs.replace(problem, hint=hint)) from None


class _Server(uvicorn.Server):
    """uvicorn, but for the signals: it would let them end the process before the stores are closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: Any, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=connections(),
        ws="none",
        lifespan="off",
        log_config=None,  # its loggers speak through ours
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        forwarded_allow_ips=settings.proxies,
    )


async def _answer(
    config: uvicorn.Config,
    listening: socket.socket,
    end: Awaitable[object],
    tell: Callable[[], Awaitable[None]],
    ending: Callable[[], None],
) -> None:
    """Answer until the end; `tell` is called when the server answers, `ending` before it waits for the last."""
    uvicorn_server = _Server(config)
    answering = asyncio.create_task(uvicorn_server.serve(sockets=[listening]))
    while not uvicorn_server.started and not answering.done():
        await asyncio.sleep(0.005)
    telling = asyncio.ensure_future(tell())
    stopping = asyncio.ensure_future(end)
    try:
        await asyncio.wait((telling, answering, stopping), return_when=asyncio.FIRST_COMPLETED)
        if telling.done() and not telling.exception():
            await asyncio.wait((answering, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending()
        uvicorn_server.should_exit = True
        await answering
        stopping.cancel()
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
    except (OSError, OverflowError, TypeError, UnicodeError) as error:  # the last three: no port, no name of a host
        found.close()
        hint = "Stop what is listening there, or take another port: --port 8401, or make demo PORT=8401."
        raise LenticularError(
            Problem(
                "server.port",
                f"The address can't be had: {getattr(error, 'strerror', None) or error}.",
                f"{host}:{port}",
                hint,
            )
        ) from None
    return found


def _url(host: str, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  # read, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
