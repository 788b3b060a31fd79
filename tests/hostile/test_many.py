"""Very many names: of properties, of events, of people. What is beyond the limits is kept and can't be asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lenticular.profiles.builtin import MAX_PROPERTIES
from tests.process import ServerProcess, children_of, server

BATCH = 400


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server(tmp_path_factory.mktemp("many") / "data") as found:
        found.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        yield found


def key_of(running: ServerProcess) -> str:
    return str(running.api("GET", "/api/sites/shop/catalog")["site"]["writeKey"])


def send(running: ServerProcess, key: str, messages: list[dict[str, Any]]) -> None:
    """Send messages in batches that fit, each again until the server is less busy."""
    for at in range(0, len(messages), BATCH):
        body = {"batch": messages[at : at + BATCH], "writeKey": key}
        while (answer := running.http.post("/v1/batch", json=body)).status_code == 429:
            running.api("POST", "/api/sites/shop/settle")
        assert answer.status_code == 200, answer.text


def memory(running: ServerProcess) -> tuple[int, int]:
    """Return the resident memory of the server and of its child (MB)."""
    found = []
    for pid in (running.process.pid, *children_of(running.process.pid)):
        text = Path(f"/proc/{pid}/status").read_text()
        found.append(int(text.partition("VmRSS:")[2].split()[0]) >> 10)
    return found[0], sum(found[1:])


def test_ten_thousand_property_names(running: ServerProcess) -> None:
    """In events of 32 KB and over many; the first 2,000 can be asked for, all are kept, what was there goes on."""
    key = key_of(running)
    send(running, key, [{"type": "track", "event": "Bought", "anonymousId": "normal", "properties": {"price": 1}}])
    names = [f"p{at}" for at in range(10_000)]
    wide = [dict.fromkeys(names[at : at + 1_000], 5) for at in range(0, 10_000, 1_000)]
    for properties in wide:
        message = {"event": "Wide", "anonymousId": "wide", "properties": properties}
        assert running.post("/v1/track", message, key).status_code == 200
    too_wide = {"event": "Wide", "anonymousId": "wide", "properties": dict.fromkeys(names, 5)}
    assert running.post("/v1/track", too_wide, key).json()["code"] == "too_large"
    single = [
        {"type": "identify", "anonymousId": f"a{at % 50}", "traits": {name: "x"}} for at, name in enumerate(names)
    ]
    send(running, key, single)
    running.api("POST", "/api/sites/shop/settle")
    registered = running.api("GET", "/api/sites/shop/properties")
    assert sum(len(each) for each in registered.values()) <= MAX_PROPERTIES
    assert len(registered["event"]) > 1_000

    def count(rule: str) -> int:
        return int(running.api("POST", "/api/sites/shop/count", {"rule": rule})["people"])

    assert count('count("Wide", p0 == 5) >= 1') == 1
    assert count('count("Bought", price == 1) == 1') == 1
    answer = running.http.post("/api/sites/shop/count", json={"rule": "user.p9999 is not None"})
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "rule.property")
    assert running.api("GET", "/api/sites/shop/quarantine") == []


def names_of_events(running: ServerProcess, count: int) -> None:
    key = key_of(running)
    for first in range(0, count, 20_000):
        send(
            running,
            key,
            [
                {"type": "track", "event": f"{'e' * 50}{at}", "anonymousId": f"n{at % 997}"}
                for at in range(first, min(count, first + 20_000))
            ],
        )
    running.api("POST", "/api/sites/shop/settle")
    for rule, people in ((f'count("{"e" * 50}5") == 1', 1), (f'count("{"e" * 50}{count}") >= 1', 0)):
        assert running.api("POST", "/api/sites/shop/count", {"rule": rule})["people"] == people
    checked = running.api("POST", "/api/sites/shop/check", {"rule": 'count("eee5") >= 1'})
    assert checked["problems"] == []
    assert len(json.dumps(checked)) < 10_000


def test_twenty_thousand_event_names(running: ServerProcess) -> None:
    names_of_events(running, 20_000)


@pytest.mark.soak
def test_a_million_event_names(tmp_path: Path) -> None:
    """In bounded memory: a name is a text of a column, and nothing else."""
    with server(tmp_path / "data") as running:
        running.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        names_of_events(running, 1_000_000)
        print(f"server {memory(running)[0]} MB, child {memory(running)[1]} MB after a million names")
        assert memory(running)[0] < 1_000


@pytest.mark.soak
def test_memory_does_not_go_on_growing_under_bad_input(tmp_path: Path) -> None:
    """The same refused and accepted things over and over: after the first rounds the server has what it needs."""
    with server(tmp_path / "data") as running:
        running.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        key, sizes = key_of(running), list[tuple[int, int]]()
        for _ in range(12):
            for number in range(150):
                for body in (
                    b"[" * 100_000,
                    b"{" * 400_000,
                    b"\xff" * 499_000,
                    json.dumps({"x": "y" * 490_000}).encode(),
                ):
                    assert running.http.post("/v1/batch", content=body).status_code in (400, 401)
                message = {"event": "Seen", "anonymousId": f"a{number % 20}", "properties": {"x": "y" * 20_000}}
                assert running.post("/v1/track", message, key).status_code == 200
                rule = "user.x == 'y' or " * 1_000 + "True"
                assert running.http.post("/api/sites/shop/check", json={"rule": rule}).status_code == 200
                bad = running.http.put("/api/sites/shop/catalog", content=b'{"site":' + b"[" * 200_000)
                assert bad.status_code == 400
            running.api("POST", "/api/sites/shop/settle")
            sizes.append(memory(running))
        print("server and child, MB, after each round:", sizes)
        assert sizes[-1][0] < sizes[4][0] * 1.15 + 30
