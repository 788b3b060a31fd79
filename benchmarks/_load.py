"""A load generator, to be run as a process of its own: `python -m benchmarks._load`, its order as JSON on stdin."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import cast

import msgspec
import uvloop


class Order(msgspec.Struct):
    """Where to send which requests (bodies, in turn), how many, over how many connections.

    With `get` they are asked for with GET, and each of `bodies` is the lines of a request's head.
    """

    host: str
    port: int
    path: str
    bodies: list[str]
    requests: int
    connections: int
    get: bool = False


class Result(msgspec.Struct):
    """Answers per second, the latencies in ms, and how many answers were not 200."""

    per_second: float
    p50: float
    p99: float
    wrong: int


class _Connection(asyncio.Protocol):
    """One request at a time: the next is sent when the answer is complete."""

    def __init__(self, job: _Job) -> None:
        self._job = job
        self._buffer = b""
        self._began = 0.0
        self._over = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.find(b"content-length: ", 0, head)
        if at < 0:
            at = self._buffer.lower().index(b"content-length: ", 0, head)
        length = int(self._buffer[at + 16 : self._buffer.index(b"\r\n", at)])
        if len(self._buffer) < head + 4 + length:
            return
        self._job.answered(time.perf_counter() - self._began, self._buffer[9:12] == b"200")
        self._buffer = b""
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._over:
            self._job.lost(error)

    def _send(self) -> None:
        assert self._transport is not None
        request = self._job.next()
        if request is None:
            self._over = True
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)


class _Job:
    def __init__(self, order: Order) -> None:
        head = f"POST {order.path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: "
        self._requests = [f"{head}{len(each.encode())}\r\n\r\n{each}".encode() for each in order.bodies]
        if order.get:
            self._requests = [f"GET {order.path} HTTP/1.1\r\n{each}\r\n\r\n".encode() for each in order.bodies]
        self._order, self._sent = order, 0
        self.latencies: list[float] = []
        self.wrong = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def next(self) -> bytes | None:
        if self._sent == self._order.requests:
            return None
        self._sent += 1
        return self._requests[self._sent % len(self._requests)]

    def answered(self, seconds: float, good: bool) -> None:
        self.latencies.append(seconds)
        self.wrong += not good
        if len(self.latencies) == self._order.requests:
            self.done.set_result(None)

    def lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("The server closed the connection."))


async def _run(order: Order) -> Result:
    job = _Job(order)
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    for _ in range(order.connections):
        await loop.create_connection(lambda: _Connection(job), order.host, order.port)
    await job.done
    seconds = time.perf_counter() - began
    ordered = sorted(job.latencies)
    p50, p99 = (ordered[len(ordered) * part // 100] * 1_000 for part in (50, 99))
    return Result(order.requests / seconds, p50, p99, job.wrong)


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.buffer.write(msgspec.json.encode(runner.run(_run(given))))
