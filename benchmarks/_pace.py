"""Sends requests at a steady pace, to be run as a process of its own: `python -m benchmarks._pace`, order on stdin.

It stops when its standard input ends, or after `seconds`, and prints how many of its requests were answered with 200.
"""

from __future__ import annotations

import http.client
import select
import sys
import time

import msgspec


class Pace(msgspec.Struct):
    """Where to send which bodies (in turn), how many a second, and for how long at most."""

    host: str
    port: int
    path: str
    bodies: list[str]
    per_second: float
    seconds: float


class Paced(msgspec.Struct):
    """How many requests were sent and how many of them answered with 200, in how many seconds."""

    sent: int
    good: int
    seconds: float


def _run(pace: Pace) -> Paced:
    connection = http.client.HTTPConnection(pace.host, pace.port, timeout=30)
    began, sent, good = time.perf_counter(), 0, 0
    while (passed := time.perf_counter() - began) < pace.seconds and not _told_to_stop():
        wait = sent / pace.per_second - passed
        if wait > 0:
            time.sleep(min(wait, 0.1))
            continue
        body = pace.bodies[sent % len(pace.bodies)]
        connection.request("POST", pace.path, body, {"content-type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        sent, good = sent + 1, good + (answer.status == 200)
    connection.close()
    return Paced(sent, good, time.perf_counter() - began)


def _told_to_stop() -> bool:
    return bool(select.select([sys.stdin.buffer], [], [], 0)[0])


if __name__ == "__main__":
    given = msgspec.json.decode(sys.stdin.buffer.readline(), type=Pace)
    sys.stdout.buffer.write(msgspec.json.encode(_run(given)))
