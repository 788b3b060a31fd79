"""`POST /v1/batch`: events acknowledged in a burst, and sustained with fold and flush."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks._load import Order
from benchmarks._server import load, serving
from benchmarks._site import EVENTS, WRITE_KEY, fill
from benchmarks.table import show

CONNECTIONS = 8
BATCH = 100
BATCHES = 400
BURST, SUSTAINED = 30_000, 8_000


def main() -> None:
    """Print events per second, and the budgets."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        fill(data)
        with serving(data) as running:
            port = int(running.url.rpartition(":")[2])
            headers = {"authorization": f"Bearer {running.token}"}
            began = time.perf_counter()
            result = load(Order("127.0.0.1", port, "/v1/batch", bodies_of(BATCHES), BATCHES, CONNECTIONS))
            assert not result.wrong, f"{result.wrong} answers were not 200"
            httpx.post(f"{running.url}/api/sites/bench/settle", headers=headers, timeout=300).raise_for_status()
            seconds = time.perf_counter() - began
    events = BATCH * BATCHES
    burst, sustained = result.per_second * BATCH, events / seconds
    print(f"{events:,} events in batches of {BATCH}, {CONNECTIONS} connections, an fsync before each answer.")
    rows = [
        ["acknowledged in a burst", f"{burst:,.0f}", f"{BURST:,}", _verdict(burst >= BURST)],
        ["folded and flushed", f"{sustained:,.0f}", f"{SUSTAINED:,}", _verdict(sustained >= SUSTAINED)],
    ]
    show(["", "events/s", "budget", ""], rows)


def bodies_of(batches: int) -> list[str]:
    """Return so many batches of a hundred events each, as JSON."""
    return [
        json.dumps({"writeKey": WRITE_KEY, "batch": [_message(batch * BATCH + at) for at in range(BATCH)]})
        for batch in range(batches)
    ]


def _message(number: int) -> dict[str, object]:
    page = {"url": "https://bench.example/prices?utm_campaign=spring", "path": "/prices", "title": "Prices"}
    return {
        "type": "track",
        "event": EVENTS[number // 7 % 10],
        "messageId": f"collect-{number}",
        "anonymousId": f"a{number % 4_999}",
        "properties": {"n": number % 7, "category": "shoes"},
        "context": {"page": page, "locale": "en-GB", "library": {"name": "bench"}},
    }


def _verdict(met: bool) -> str:
    return "met" if met else "NOT met"
