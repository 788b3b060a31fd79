"""A heavy report and a burst at once: decisions are answered, and right, all the time. How fast, is printed only."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.faults.load import Load
from tests.faults.test_crash import CATALOG, KEY
from tests.process import ServerProcess, server

HEAVY = {
    "rule": 'sequence(event("Ping", n > 2), event("Ping", word == "kiwi"), event("Ping", n == 7), within="60d") '
    'or distinct("Ping", n, within="30d") >= 5 or count("Ping", word == "plum") > 3',
    "parts": True,
    "exact": True,
}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[ServerProcess]:
    with server(tmp_path / "data") as found:
        found.api("PUT", f"/api/sites/{KEY}/catalog", msgspec.to_builtins(CATALOG))
        yield found


@pytest.mark.parametrize("seconds", [2.0, pytest.param(45.0, marks=pytest.mark.soak)])
def test_decisions_go_on(running: ServerProcess, seconds: float) -> None:
    load = Load(1, "w", "s")
    load.url = running.url
    stop, reports, failed = threading.Event(), [0], list[BaseException]()

    def report() -> None:
        try:
            while not stop.is_set():
                running.api("POST", f"/api/sites/{KEY}/count", HEAVY)
                reports[0] += 1
        except BaseException as error:
            failed.append(error)

    reporting = [threading.Thread(target=report) for _ in range(2)]
    load.begin()
    for thread in reporting:
        thread.start()
    took = decide_for(running, seconds)
    stop.set()
    for thread in reporting:
        thread.join(60)
    load.finish()
    assert not failed
    assert reports[0] >= 1
    took.sort()
    print(
        f"{len(took):,} decisions beside {load.acknowledged:,} events and {reports[0]} reports: "
        f"p50 {took[len(took) // 2] * 1_000:.1f} ms, p99 {took[len(took) * 99 // 100] * 1_000:.1f} ms"
    )


def decide_for(running: ServerProcess, seconds: float) -> list[float]:
    """Ask for so long; each answer must know what was accepted just before. Return how long each took (s)."""
    took: list[float] = []
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until or number < 20:
        number += 1
        me, context = f"busy{number}", {"url": "https://shop.example/p1"}
        seen: dict[str, Any] = {"event": "Impression", "anonymousId": me, "properties": {"item": "x", "decision": "y"}}
        for each in ("y", "z"):
            message = {**seen, "properties": {"item": "x", "decision": f"{each}{number}"}}
            assert running.post("/v1/track", message, "w").status_code == 200
        asked = {"site": KEY, "slots": ["promo"], "anonymousId": me, "context": context, "explain": True}
        began = time.monotonic()
        answer = running.http.post("/v1/decide", json=asked, headers={"authorization": "Bearer s"})
        took.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.text
        assert answer.json()["slots"]["promo"]["items"][0]["key"] == "ad"
        assert "shown" in answer.json()["segments"], answer.json()
    return took
