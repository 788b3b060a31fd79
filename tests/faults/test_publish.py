"""A server that is killed while it publishes has all of it afterwards, or nothing."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import lenticular.demo
from tests.process import ServerProcess, good, start

AURORA = Path(lenticular.demo.__file__).parent / "aurora"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    good("catalog", "import", AURORA, data=tmp_path / "data")
    yield tmp_path / "data"


def edit(server: ServerProcess, number: int) -> None:
    """Save two drafts that belong together: a title, and a segment with a behaviour that nobody counts yet."""
    body = server.api("GET", "/api/sites/aurora/definitions/pages/home")["body"]
    body["blocks"]["hero"]["settings"]["title"] = f"Number {number}"
    rule = f'count("Event {number}", within="7d") >= 2'
    for where, one in (("pages/home", body), ("segments/returning-visitors", {"rule": rule})):
        draft = {"body": one, "base": revision(server, where)}
        answer = server.http.put(f"/api/sites/aurora/drafts/{where}", json=draft, headers={"if-match": "*"})
        assert answer.status_code == 200, answer.text


def revision(server: ServerProcess, where: str) -> int:
    found: int = server.api("GET", f"/api/sites/aurora/definitions/{where}")["definition"]["revision"]
    return found


def state(server: ServerProcess) -> tuple[str, str, int, Any]:
    """Return what is live, how many drafts there are, and what visitors see."""
    catalog = server.api("GET", "/api/sites/aurora/catalog")
    title = catalog["pages"]["home"]["blocks"]["hero"]["settings"]["title"]
    rule = catalog["segments"]["returning-visitors"]["rule"]
    drafts = server.api("GET", "/api/sites/aurora/drafts")["drafts"]
    seen = server.http.post("/v1/decide", json={"site": "aurora", "page": "/"}).json()["page"]["blocks"][0]
    assert seen["settings"]["title"] == title
    return title, rule, len(drafts), server.api("GET", "/api/sites")[0]["revision"]


def publish(server: ServerProcess) -> None:
    """Publish; the answer may never come."""
    drafts = {"drafts": ["pages/home", "segments/returning-visitors"]}
    with contextlib.suppress(httpx.HTTPError):
        server.http.post("/api/sites/aurora/publications", json=drafts)


def kill_while_publishing(data: Path, times: int, seed: int) -> set[bool]:
    """Return whether publications came about; each must be whole."""
    dice, outcomes = random.Random(seed), set()
    for number in range(times):
        server = start(data)
        edit(server, number)
        before = state(server)
        asking = threading.Thread(target=publish, args=(server,))
        asking.start()
        threading.Event().wait(dice.uniform(0, 0.25))
        server.kill()
        asking.join(60)
        server = start(data)
        after = state(server)
        done = after[0] == f"Number {number}"
        assert done == (after[1] == f'count("Event {number}", within="7d") >= 2'), after
        assert after == before if not done else after[2] == 0
        outcomes.add(done)
        server.stop()
    return outcomes


def test_a_server_that_is_killed_while_it_publishes(data: Path) -> None:
    kill_while_publishing(data, times=2, seed=7)


@pytest.mark.soak
def test_servers_that_are_killed_while_they_publish(data: Path) -> None:
    assert kill_while_publishing(data, times=40, seed=11) == {True, False}
