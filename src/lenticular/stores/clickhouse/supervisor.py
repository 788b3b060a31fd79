"""Starts the child process with the embedded ClickHouse, and starts it again when it dies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
import sys
from pathlib import Path
from typing import IO

import msgspec

from lenticular.errors import EventsUnavailableError, Problem, StoreError
from lenticular.stores.clickhouse.backoff import Backoff
from lenticular.stores.clickhouse.handshake import Order, Report

_START_LIMIT = 60.0
"""Seconds that a start may take: a folder with many parts is read on opening."""
_STOP_LIMIT = 5.0
_LOOK = 2.0
"""Seconds between two looks whether the folder is there still."""
_LOG_LIMIT = 10 * 1024 * 1024

_log = logging.getLogger(__name__)


class ClickHouseChild:
    """One child process over one folder (`store/`, `tmp/`, `lock`, `child.log` lie in it).

    `threads` caps the threads of one statement, `memory` the bytes of all of them together, `spare`
    is how many bytes of the disk it leaves free. `restarts` counts the starts after the first;
    `trouble` says why the newest start failed, "" if it did not; `incarnation` names the running
    process. It, `port` and `token` are new after each start, so that nothing that was meant for one
    process can reach the next.
    """

    def __init__(
        self,
        folder: Path,
        *,
        threads: int = 0,
        memory: int = 0,
        spare: int = 256 * 1024 * 1024,
        body_limit: int = 256 * 1024 * 1024,
        backoff: Backoff | None = None,
    ) -> None:
        self.folder = folder
        self.token = ""
        self.restarts = 0
        self.trouble = ""
        self.incarnation = ""
        self._threads = threads or max(1, os.cpu_count() or 1)
        self._memory = memory or _half_of_memory()
        self._spare = spare
        self._body_limit = body_limit
        self._backoff = backoff or Backoff()
        self._process: asyncio.subprocess.Process | None = None
        self._port = 0
        self._keeper: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def ready(self) -> bool:
        """Whether the child answers now."""
        return self._ready.is_set()

    @property
    def url(self) -> str:
        """Where the child answers. Raises EventsUnavailableError while it starts."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The child's loopback port, another one after each start. Raises EventsUnavailableError while it starts."""
        if not self.ready:
            raise EventsUnavailableError(
                Problem(
                    "clickhouse-restarting",
                    "The events store is not running.",
                    str(self.folder),
                    "It is started again by itself; what was accepted waits in the journal. child.log says why.",
                )
            )
        return self._port

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self, patience: float = 5.0, insist: bool = True) -> None:
        """Start the child and return when it answers; does nothing if it was started.

        Raises StoreError when the folder can't be used; one that another process owns is asked for again for
        `patience` seconds, because a child outlives a killed parent by a moment. Without `insist`, a folder that can't
        be opened is tried again and again, behind whoever goes on without.
        """
        if self._keeper:
            return
        await asyncio.to_thread(self._make_folder)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while (report := await self._spawn()).code != "ready":
            if report.code == "in-use" and loop.time() <= deadline:
                await asyncio.sleep(0.1)
                continue
            if insist or report.code == "in-use":
                raise self._refused(report)
            _log.error("The events store can't be opened; it is tried again. Its child.log says why.")
            break
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """End the child and wait for its end: politely first, then at once."""
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        await self._end()

    async def wait_ready(self, limit: float) -> bool:
        """Wait up to `limit` seconds for the child to answer; return whether it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._ready.wait()
        return self.ready

    async def _keep(self) -> None:
        """Start the child again whenever it dies, more slowly each time, until it has lived for a good minute."""
        loop = asyncio.get_running_loop()
        while True:
            born = loop.time()
            if self._process:
                await self._ended(self._process)
            self._ready.clear()
            self.incarnation = ""
            await asyncio.sleep(self._backoff.pause(loop.time() - born))
            self.restarts += 1
            _log.warning("The events store ended by itself; it is started again (%d times so far).", self.restarts)
            with contextlib.suppress(OSError, StoreError):
                await self._spawn()

    async def _ended(self, process: asyncio.subprocess.Process) -> None:
        """Return when the process has ended; end it when its folder was deleted: it would write to nowhere."""
        end = asyncio.ensure_future(process.wait())
        try:
            while not (await asyncio.wait({end}, timeout=_LOOK))[0]:
                if not (self.folder / "lock").exists():
                    _log.error("The events store's folder was deleted; a new one is begun. The doctor can fill it.")
                    with contextlib.suppress(ProcessLookupError):
                        process.kill()
                    await end
        finally:
            end.cancel()

    async def set_aside(self, name: str) -> bool:
        """Put the store aside, under a name beside it, and begin an empty one; return whether that answers."""
        await self.stop()
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "store").rename(self.folder / name)
        await self.start(insist=False)
        return self.ready

    async def _spawn(self) -> Report:
        """Start one process and read its report; a process that can't serve has ended when this returns."""
        self._make_parent()
        token = secrets.token_urlsafe(32)
        order = Order(str(self.folder.resolve()), token, self._threads, self._memory, self._spare, self._body_limit)
        with self._log() as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "lenticular.stores.clickhouse.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                # Ctrl-C in a terminal is the server's to answer; the child follows when its input ends.
                start_new_session=True,
                env={**os.environ, "TZ": "UTC"},
            )
        self._process = process
        try:
            async with asyncio.timeout(_START_LIMIT):
                report = await _greet(process, order)
        except TimeoutError:
            report = Report("unusable", message=f"no answer within {_START_LIMIT:.0f} seconds")
        except BaseException:
            await self._end()
            raise
        self.trouble = "" if report.code == "ready" else report.message
        if report.code != "ready":
            await self._end()
            return report
        self._port, self.token = report.port, token
        self.incarnation = secrets.token_hex(6)
        self._ready.set()
        return report

    async def _end(self) -> None:
        self._ready.clear()
        self.incarnation = ""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_LIMIT):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    def _make_parent(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refused(Report("unusable", message=error.strerror or str(error))) from error

    def _make_folder(self) -> None:
        self._make_parent()
        try:
            # What a backup had frozen that was cut off: hard links that would keep old parts on the disk for ever.
            shutil.rmtree(self.folder / "store" / "shadow", ignore_errors=True)
        except OSError as error:
            raise self._refused(Report("unusable", message=error.strerror or str(error))) from error

    def _log(self) -> IO[bytes]:
        path = self.folder / "child.log"
        try:
            if path.exists() and path.stat().st_size > _LOG_LIMIT:
                path.replace(path.with_suffix(".log.1"))
            return path.open("ab")
        except OSError as error:
            raise self._refused(Report("unusable", message=error.strerror or str(error))) from error

    def _refused(self, report: Report) -> StoreError:
        if report.code == "in-use":
            return StoreError(
                Problem(
                    "folder-in-use",
                    "The events store's folder is in use by another process.",
                    str(self.folder),
                    "Stop the other server, or give this one another data folder.",
                )
            )
        return StoreError(
            Problem(
                "folder-unusable",
                f"The events store can't be opened: {report.message}.",
                str(self.folder),
                "See child.log there; check that the folder may be written and that the disk is not full.",
            )
        )


async def _greet(process: asyncio.subprocess.Process, order: Order) -> Report:
    """Hand the order over and wait for the report; a process that dies without one gets one here."""
    if process.stdin is None or process.stdout is None:
        raise AssertionError("the child is started with pipes")
    try:
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        await process.stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has died already; what follows says so
    line = await process.stdout.readline()
    if line:
        return msgspec.json.decode(line, type=Report)
    code = await process.wait()
    return Report("unusable", message=f"its process ended with {code}")


def _half_of_memory() -> int:
    """Return half of the machine's memory in bytes, at most 4 GB and at least 512 MB."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(512 * 1024**2, min(4 * 1024**3, total // 2))
