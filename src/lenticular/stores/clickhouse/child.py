"""The child process: `python -m lenticular.stores.clickhouse.child`, started by the supervisor and by nobody else.

It reads an `Order` from its standard input, opens the data folder, serves ClickHouse's HTTP dialect on a loopback
port of the system's choice, and writes a `Report` with that port. It ends when its standard input ends.
"""

from __future__ import annotations

import contextlib
import faulthandler
import fcntl
import os
import select
import shutil
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from lenticular.stores.clickhouse.handshake import Order, Report

if TYPE_CHECKING:
    import uvicorn

_GRACE = 2
"""Seconds that running statements get when the parent is gone."""


def main() -> None:
    """Serve until the parent goes."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    # Whatever a library prints goes to the log; the pipe carries the report alone.
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    faulthandler.enable()  # a crash leaves its place in the log
    _give_way()
    folder = Path(order.folder)
    try:
        lock = _own(folder)
        _empty(folder / "tmp")
    except BlockingIOError:
        _report(pipe, Report("in-use", message="another process has it open"))
    except OSError as error:
        _report(pipe, Report("unusable", message=f"{error.strerror} ({error.filename})"))
    else:
        with lock:
            _serve(order, folder, pipe)
    os._exit(0)


def _give_way() -> None:
    """Yield to the server: a report must not slow a decision, and memory is taken from here first."""
    with contextlib.suppress(OSError):
        os.nice(15)
    with contextlib.suppress(OSError):  # as much as half of the machine's memory more than this process has
        Path("/proc/self/oom_score_adj").write_text("500")


def _own(folder: Path) -> BinaryIO:
    """Lock a folder for this process; the system lets go of it when the process ends, however it ends."""
    lock = (folder / "lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise
    return lock


def _empty(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    os.environ["TMPDIR"] = str(folder)


def _serve(order: Order, folder: Path, pipe: BinaryIO) -> None:
    # Imported late: only a process that owns its folder pays for the engine, and chDB reads TMPDIR as it loads.
    import uvicorn

    from lenticular.logs import configure
    from lenticular.stores.clickhouse.dialect import Dialect
    from lenticular.stores.clickhouse.engine import Engine, Limits

    try:
        # Relative, because a connection string has no way to quote what a folder's name may hold.
        os.chdir(folder)
        limits = Limits(order.threads, order.memory, order.spare)
        engine = Engine(Path("store"), Path("engine.xml"), limits)
    except RuntimeError as error:
        code = "in-use" if "Cannot lock file" in str(error) else "unusable"
        _report(pipe, Report(code, message=str(error)))
        return
    configure("text")
    config = uvicorn.Config(
        Dialect(engine, order.token, order.body_limit),
        loop="asyncio",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Longer than any client keeps an idle connection, so that it is the client who closes.
        timeout_keep_alive=3600,
        timeout_graceful_shutdown=_GRACE,
    )
    server = uvicorn.Server(config)
    # asyncio turns Nagle's algorithm off only where the protocol is named: 44 ms a round trip otherwise.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        threading.Thread(target=_watch_parent, args=(server,), daemon=True).start()
        _report(pipe, Report("ready", port=listener.getsockname()[1]))
        server.run(sockets=[listener])
    engine.close()


def _watch_parent(server: uvicorn.Server) -> None:
    """End the server when standard input ends, or when this process was handed to another parent."""
    parent = os.getppid()
    while os.getppid() == parent:
        readable, _, _ = select.select([0], [], [], 1.0)
        if readable and not os.read(0, 4096):
            break
    server.should_exit = True
    # A statement that does not stop must not keep the folder locked.
    threading.Timer(_GRACE + 1, os._exit, (0,)).start()


def _report(pipe: BinaryIO, report: Report) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(msgspec.json.encode(report) + b"\n")


if __name__ == "__main__":
    main()
