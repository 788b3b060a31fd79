"""`kill -9` in the middle of a job: the next server takes it up, where it was, and nothing is told or kept wrong."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.process import PATIENCE, ServerProcess, start

SEGMENTS = {f"s{at:03}": {"key": f"s{at:03}", "rule": f'count("Ping", n >= {at % 9}) >= 1'} for at in range(60)}
SITE = "/api/sites/shop"


def prepare(server: ServerProcess) -> None:
    """Give a site people and many segments."""
    server.api("PUT", SITE, {"timezone": "Europe/Madrid"})
    key = server.api("GET", f"{SITE}/catalog")["site"]["writeKey"]
    batch = [
        {"type": "track", "event": "Ping", "anonymousId": f"a{at}", "messageId": f"m{at}", "properties": {"n": at % 10}}
        for at in range(100)
    ]
    answer = server.http.post("/v1/batch", json={"batch": batch, "writeKey": key})
    assert answer.status_code == 200, answer.text
    server.api("POST", f"{SITE}/settle")
    catalog = server.api("GET", f"{SITE}/catalog")
    server.api("PUT", f"{SITE}/catalog", {**catalog, "segments": SEGMENTS})


def wait(server: ServerProcess, number: int, until: Any) -> Any:
    """Return a job once something holds of it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        job = server.api("GET", f"{SITE}/jobs/{number}")
        if until(job):
            return job
        assert time.monotonic() < deadline, job


def test_a_count_goes_on_after_two_deaths(tmp_path: Path) -> None:
    server = start(tmp_path / "data")
    try:
        prepare(server)
        number = server.api("POST", f"{SITE}/jobs", {"kind": "segment-sizes"})["id"]
        reached = []
        for least in (3, 25):
            job = wait(server, number, lambda job, least=least: job["done"] >= least or job["ended"])
            assert job["state"] == "running", "it was done before it could be killed: this says nothing"
            reached.append(job["done"])
            server.kill()
            server = start(tmp_path / "data")
        done = wait(server, number, lambda job: job["ended"] is not None)
        assert (done["state"], done["attempt"], done["done"], done["total"]) == ("done", 3, 60, 60)
        assert reached[0] < reached[1]
        moments = set[int]()
        for key in SEGMENTS:
            history = server.api("GET", f"{SITE}/segments/{key}/history?by=hour")
            [count] = history["hours"]
            moments.add(count["at"])
            assert (count["size"], count["joined"], count["left"]) == (10 * (10 - int(key[1:]) % 9), 0, 0), key
        assert moments == {done["result"]["at"]}, "all of them as of one moment"
    finally:
        server.stop()


def test_an_export_begins_anew_after_a_death(tmp_path: Path) -> None:
    """Its file is there as a whole, and nothing is left of the one that was cut off."""
    server = start(tmp_path / "data")
    try:
        prepare(server)
        asked = {"kind": "export", "arguments": {"what": "events", "format": "jsonl"}}
        number = server.api("POST", f"{SITE}/jobs", asked)["id"]
        server.kill()
        server = start(tmp_path / "data")
        wait(server, number, lambda job: job["state"] == "done")
        file = server.http.get(f"{SITE}/jobs/{number}/file")
        assert len(file.text.splitlines()) == 100
        folder = tmp_path / "data" / "sites" / "shop" / "exports"
        assert [path.name for path in folder.iterdir()] == [f"{number}.file"]
    finally:
        server.stop()
