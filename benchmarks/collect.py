"""`POST /v1/batch`: events acknowledged in a burst, and sustained with fold and flush, on one server."""

from __future__ import annotations

import json
import random
import tempfile
import time
from pathlib import Path

import httpx
import msgspec

from benchmarks._load import Order
from benchmarks._server import load, serving
from benchmarks._site import EVENTS, WRITE_KEY, catalog
from benchmarks.table import show
from lenticular.web.running import Running

BATCH = 100
CONNECTIONS = 16
BATCHES = 600
VISITORS = 5_000
BURST, SUSTAINED = 30_000, 8_000


def main() -> None:
    """Print events per second, acknowledged and arrived, and their budgets."""
    bodies = _bodies(BATCHES)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "data") as running:
        admin = httpx.Client(base_url=running.url, headers={"authorization": f"Bearer {running.token}"}, timeout=300)
        with admin:
            made = catalog()
            answer = admin.put(f"/api/sites/{made.site.key}/catalog", content=msgspec.json.encode(made))
            answer.raise_for_status()
            _send(running, _bodies(20))
            _settled(admin, made.site.key)
            began = time.perf_counter()
            burst, p99 = _send(running, bodies)
            _settled(admin, made.site.key)
            sustained = BATCHES * BATCH / (time.perf_counter() - began)
    size = len(bodies[0])
    print(f"{CONNECTIONS} connections, {BATCHES} batches of {BATCH} events ({size:,} bytes), fsync before each answer.")
    show(
        ["", "events/s", "budget", "p99 ms of a batch"],
        [
            ["acknowledged, in a burst", f"{burst:,.0f}", _verdict(burst, BURST), f"{p99:.0f}"],
            ["in profiles and in the events store", f"{sustained:,.0f}", _verdict(sustained, SUSTAINED), ""],
        ],
    )


def _send(running: Running, bodies: list[str]) -> tuple[float, float]:
    port = int(running.url.rpartition(":")[2])
    result = load(Order("127.0.0.1", port, "/v1/batch", bodies, len(bodies), CONNECTIONS))
    assert not result.wrong, f"{result.wrong} batches were not taken"
    return result.per_second * BATCH, result.p99


def _settled(admin: httpx.Client, site: str) -> None:
    admin.post(f"/api/sites/{site}/settle").raise_for_status()


def _bodies(count: int) -> list[str]:
    """Draw batches; every message has an id of its own."""
    dice = random.Random(count)
    return [
        json.dumps({"writeKey": WRITE_KEY, "batch": [_message(dice, f"{count}-{at}-{each}") for each in range(BATCH)]})
        for at in range(count)
    ]


def _message(dice: random.Random, message_id: str) -> dict[str, object]:
    return {
        "type": "track",
        "event": dice.choice(EVENTS),
        "messageId": message_id,
        "anonymousId": f"a{dice.randrange(VISITORS)}",
        "properties": {"n": dice.randrange(10), "category": dice.choice(["shoes", "bags", "hats"]), "sale": True},
        "context": {"page": {"url": f"https://bench.example/p/{dice.randrange(500)}"}},
    }


def _verdict(found: float, budget: float) -> str:
    return f"≥ {budget:,}: {'met' if found >= budget else 'NOT met'}"
