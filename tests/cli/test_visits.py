"""What an analyst asks on the command line: who would see what, what nobody sees, why someone is in a segment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.process import ServerProcess, good, lenticular, refused, server

CATALOG: dict[str, Any] = {
    "site": {"key": "shop", "timezone": "UTC", "writeKey": "w"},
    "properties": {"user.age": {"scope": "user", "name": "age", "type": "number"}},
    "segments": {
        "young": {"key": "young", "name": "Young", "rule": "user.age < 26"},
        "younger": {"key": "younger", "name": "Younger", "rule": "user.age < 20"},
        "old": {"key": "old", "name": "Old", "rule": "user.age > 90"},
    },
    "pages": {
        "home": {
            "key": "home",
            "path": "/",
            "experiences": [{"key": key, "name": key.title(), "segment": key} for key in ("young", "younger", "old")],
        },
        "quiet": {"key": "quiet", "path": "/quiet", "experiences": [{"key": "e", "segment": "old"}]},
    },
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server(tmp_path_factory.mktemp("visits") / "data") as started:
        started.api("PUT", "/api/sites/shop/catalog", CATALOG)
        for at, age in enumerate((18, 25, 30, 40)):
            person = {"userId": f"u{at}", "writeKey": "w"}
            started.post("/v1/identify", {**person, "traits": {"age": age}})
            started.post("/v1/page", {**person, "properties": {"path": "/"}})
        started.api("POST", "/api/sites/shop/settle")
        yield started


def test_what_can_never_be_shown_is_proven_or_measured(running: ServerProcess) -> None:
    ran = lenticular("catalog", "never-shown", data=running.data)
    assert ran.returncode == 1
    assert "Proven from the rules:" in ran.stderr and "Younger is never shown" in ran.stderr, ran.stderr
    assert "Old" not in ran.stderr, "that is seen by nobody, and proven by nothing"
    assert "page /: Old: none of 4 visits saw it in the last seven days." in ran.stdout
    assert "page /quiet: nobody came by in the last seven days." in ran.stdout
    ran = lenticular("catalog", "never-shown", "--proven", "--language", "es", data=running.data)
    assert ran.returncode == 1 and ran.stdout == ""


def test_drafts_are_tried_on_the_visits_of_the_last_days(running: ServerProcess) -> None:
    body = {**CATALOG["segments"]["young"], "rule": "user.age < 35"}
    running.api("PUT", "/api/sites/shop/drafts/segments/young", {"body": body})
    said = good("catalog", "simulate", "segments/young", "--page", "/", "--days", "2", data=running.data).splitlines()
    assert said[0] == "4 visits of 4 people in the last 2 days."
    assert "  Young: 2 visits, then 3 (+1)" in said and "  the default: 2 visits, then 1 (-1)" in said
    assert good("catalog", "simulate", "--page", "/", data=running.data).splitlines()[1] == said[1], "all drafts"
    found = json.loads(good("catalog", "simulate", "--page", "/", "--json", data=running.data))
    assert {(one["before"], one["after"], one["visits"]) for one in found["flows"]} >= {(None, "young", 1)}
    assert "Name a page" in "".join(refused("catalog", "simulate", data=running.data))
    assert "There is no draft" in "".join(refused("catalog", "simulate", "goals/x", "--page", "/", data=running.data))


def test_why_someone_is_in_their_segments(running: ServerProcess) -> None:
    said = good("people", "explain", "--user-id", "u0", data=running.data)
    assert "young" in said and "younger" in said and "18" in said and said.endswith("In 2 segments.")
    assert "old" not in said
    every = good("people", "explain", "--user-id", "u2", "--all", data=running.data)
    assert "old" in every and "30" in every and every.endswith("In 0 segments.")
    assert lenticular("people", "explain", data=running.data).returncode == 2
    assert refused("people", "explain", "--user-id", "nobody", data=running.data)


def test_where_all_can_be_seen_it_says_so(tmp_path: Path) -> None:
    with server(tmp_path / "data") as started:
        started.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        assert good("catalog", "never-shown", "--proven", data=started.data) == "Nothing is proven never to be shown."
