"""`POST /v1/decide` beside a bare echo of the same sizes, in one run: idle, while collecting, while a report runs.

The report reads a log of 5 M events, unless BENCH_PEOPLE (100000, with 50 events each) says otherwise.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import httpx

from benchmarks import _many
from benchmarks._load import Order, Result
from benchmarks._pace import Pace, Paced
from benchmarks._server import echoing, load, pacing, serving
from benchmarks._site import PEOPLE, fill
from benchmarks.collect import bodies_of
from benchmarks.table import show
from lenticular.web.running import Running

CONNECTIONS = (1, 16, 256)
REQUESTS = 20_000
ROUNDS = 3
PACE = 8_000
RATIO, P99 = 0.35, 5.0
_JUDGED = 16
"""The number of connections that the budget of latency speaks of (DESIGN §10)."""


def main() -> None:
    """Print requests per second, latencies, the ratios and the budgets."""
    with tempfile.TemporaryDirectory() as folder:
        data, sample = Path(folder) / "data", Path(folder) / "decision.json"
        fill(data)
        _many.fill(data, int(os.environ.get("BENCH_PEOPLE", "100000")))
        bodies = [_body(person) for person in range(PEOPLE)]
        with serving(data) as running:
            answer = httpx.post(f"{running.url}/v1/decide", content=bodies[0])
            answer.raise_for_status()
            sample.write_bytes(answer.content)
            print(f"A request has {len(bodies[0])} bytes, an answer {len(answer.content)}; {PEOPLE:,} people ask.")
            with echoing(sample) as echo:
                # Everyone's visit is noted once a minute: the first round is not what is measured.
                _load(_port(running), bodies, PEOPLE, 16)
                _measure(running, echo, bodies)


def _measure(running: Running, echo: int, bodies: list[str]) -> None:
    port = _port(running)
    rows: list[list[str]] = []
    verdicts: list[str] = []
    for connections in CONNECTIONS:
        pairs = [
            (_load(echo, bodies, REQUESTS, connections), _load(port, bodies, REQUESTS, connections))
            for _ in range(ROUNDS)
        ]
        rows += [
            _row("echo", connections, [one for one, _ in pairs]),
            _row("decide", connections, [two for _, two in pairs]),
        ]
        ratio = median(decide.per_second / bare.per_second for bare, decide in pairs)
        verdicts.append(f"{connections} connections: ratio {ratio:.2f} (budget ≥ {RATIO}: {_met(ratio >= RATIO)})")
        if connections == _JUDGED:
            verdicts.append(_late("idle", [decide for _, decide in pairs]))
    paced: list[Paced] = []
    pace = Pace("127.0.0.1", port, "/v1/batch", bodies_of(2_000), PACE / 100, 60)
    with pacing(pace, paced):
        results = [_load(port, bodies, REQUESTS, _JUDGED) for _ in range(ROUNDS)]
    rows.append(_row("decide, while collecting", _JUDGED, results))
    verdicts.append(_late(f"with {paced[0].good * 100 / paced[0].seconds:,.0f} of {PACE:,} events/s", results))
    with _reporting(running) as reports:
        results = [_load(port, bodies, REQUESTS, _JUDGED) for _ in range(ROUNDS)]
    rows.append(_row("decide, while a report runs", _JUDGED, results))
    verdicts.append(_late(f"beside {len(reports)} of the heaviest reports", results))
    show(["", "connections", "requests/s", "p50 ms", "p99 ms"], rows)
    print("\n".join(verdicts))


@contextmanager
def _reporting(running: Running) -> Iterator[list[float]]:
    """Ask the heaviest report again and again for the length of a block; yield the seconds that each took."""
    over, took = threading.Event(), list[float]()
    headers = {"authorization": f"Bearer {running.token}"}

    def ask() -> None:
        with httpx.Client(base_url=running.url, headers=headers, timeout=600) as http:
            while not over.is_set():
                answer = http.post("/api/sites/bench/count", json={"rule": _many.HEAVY, "exact": True})
                answer.raise_for_status()
                took.append(answer.elapsed.total_seconds())

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def _body(person: int) -> str:
    return json.dumps(
        {
            "site": "bench",
            "page": "/",
            "slots": ["slot0", "slot1", "slot2"],
            "anonymousId": f"a{person}",
            "context": {"url": "https://bench.example/?utm_campaign=spring", "screen": {"width": 390, "height": 844}},
        }
    )


def _port(running: Running) -> int:
    return int(running.url.rpartition(":")[2])


def _load(port: int, bodies: list[str], requests: int, connections: int) -> Result:
    result = load(Order("127.0.0.1", port, "/v1/decide", bodies, requests, connections))
    assert not result.wrong, f"{result.wrong} answers were not 200"
    return result


def _row(name: str, connections: int, results: list[Result]) -> list[str]:
    rates, p50, p99 = (median(getattr(one, field) for one in results) for field in ("per_second", "p50", "p99"))
    return [name, str(connections), f"{rates:,.0f}", f"{p50:.2f}", f"{p99:.2f}"]


def _late(when: str, results: list[Result]) -> str:
    p99 = median(one.p99 for one in results)
    return f"{_JUDGED} connections, {when}: p99 {p99:.1f} ms (budget < {P99:.0f}: {_met(p99 < P99)})"


def _met(good: bool) -> str:
    return "met" if good else "NOT met"
