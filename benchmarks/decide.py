"""`POST /v1/decide` beside a bare echo of the same sizes, in one run."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import httpx

from benchmarks._load import Order, Result
from benchmarks._server import echoing, load, serving
from benchmarks._site import PEOPLE, fill
from benchmarks.table import show

CONNECTIONS = 16
REQUESTS = 30_000
ROUNDS = 3
RATIO, P99 = 0.35, 5.0


def main() -> None:
    """Print requests per second, latencies, the ratio and its budget."""
    with tempfile.TemporaryDirectory() as folder:
        data, sample = Path(folder) / "data", Path(folder) / "decision.json"
        fill(data)
        bodies = [_body(person) for person in range(PEOPLE)]
        with serving(data) as running:
            answer = httpx.post(f"{running.url}/v1/decide", content=bodies[0])
            answer.raise_for_status()
            sample.write_bytes(answer.content)
            port = int(running.url.rpartition(":")[2])
            with echoing(sample) as echo:
                # Everyone's visit is noted once a minute: the first round of each is not what is measured.
                _load(port, bodies, PEOPLE)
                _load(echo, bodies, PEOPLE)
                pairs = [(_load(echo, bodies, REQUESTS), _load(port, bodies, REQUESTS)) for _ in range(ROUNDS)]
    _print(pairs, len(bodies[0]), len(answer.content))


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


def _load(port: int, bodies: list[str], requests: int) -> Result:
    result = load(Order("127.0.0.1", port, "/v1/decide", bodies, requests, CONNECTIONS))
    assert not result.wrong, f"{result.wrong} answers were not 200"
    return result


def _print(pairs: list[tuple[Result, Result]], asked: int, answered: int) -> None:
    print(f"{CONNECTIONS} connections; a request has {asked} bytes, an answer {answered}; {PEOPLE:,} people in SQLite.")
    rows = [
        [name, f"{one.per_second:,.0f}", f"{one.p50:.2f}", f"{one.p99:.2f}"]
        for pair in pairs
        for name, one in zip(("echo", "decide"), pair, strict=True)
    ]
    show(["", "requests/s", "p50 ms", "p99 ms"], rows)
    ratios = sorted(decide.per_second / echo.per_second for echo, decide in pairs)
    ratio, p99 = ratios[len(ratios) // 2], min(decide.p99 for _, decide in pairs)
    print(f"ratio {ratio:.2f} (budget ≥ {RATIO}: {_verdict(ratio >= RATIO)});", end=" ")
    print(f"p99 {p99:.1f} ms (budget < {P99:.0f}: {_verdict(p99 < P99)})")


def _verdict(met: bool) -> str:
    return "met" if met else "NOT met"
