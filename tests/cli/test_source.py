"""`lenticular source`: with a server, which runs sources by itself, and without one."""

from __future__ import annotations

import json
import sqlite3
import time
from pathlib import Path

import pytest

from tests.process import PATIENCE, ServerProcess, good, refused, server

SOURCE = """\
what: people
url: sqlite:///{path}
query: SELECT id, plan FROM people
mapping: {{userId: id}}
{schedule}
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as file:
        file.executescript(
            "CREATE TABLE people (id TEXT, plan TEXT);"
            "INSERT INTO people VALUES ('u1', 'gold'), ('u2', 'tin'), (NULL, 'tin')"
        )
    file.close()
    return path


def _define(folder: Path, database: Path, schedule: str = "") -> Path:
    path = folder / "crm.yaml"
    path.write_text(SOURCE.format(path=database, schedule=schedule))
    return path


def _wait_for_rows(running: ServerProcess, rows: int, after: int = 0) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        [one] = running.api("GET", "/api/sites/shop/sources")
        if one["ended"] > after and not one["running"]:
            assert one["rows"] == rows, one
            return
        assert time.monotonic() < deadline, one
        time.sleep(0.02)


def test_a_server_runs_sources_by_itself_also_after_a_restart(tmp_path: Path, database: Path) -> None:
    data = tmp_path / "data"
    with server(data) as running:
        running.api("PUT", "/api/sites/shop", {"timezone": "UTC"})
        said = good("source", "add", "crm", _define(tmp_path, database, "every: 10s"), data=data)
        assert said == f"crm: people from sqlite:///{database}, every 10s"
        _wait_for_rows(running, 3)
        assert running.api("POST", "/api/sites/shop/settle")
        assert running.api("POST", "/api/sites/shop/count", {"rule": 'user.plan == "gold"'})["people"] == 1
        [before] = running.api("GET", "/api/sites/shop/sources")
    with server(data) as running:
        [one] = running.api("GET", "/api/sites/shop/sources")
        assert one["name"] == "crm" and one["began"] >= before["began"]
        _wait_for_rows(running, 3, before["ended"])
        assert good("source", "remove", "crm", data=data) == "crm is removed"
        assert running.api("GET", "/api/sites/shop/sources") == []


def test_without_a_server(tmp_path: Path, database: Path) -> None:
    data, people = tmp_path / "data", tmp_path / "people.csv"
    people.write_text("userId,plan\nu1,tin\n")
    good("import", "people", people, data=data)
    good("source", "add", "crm", _define(tmp_path, database), data=data)
    assert "crm: people from" in good("source", "list", data=data)
    tried = good("source", "test", "crm", data=data).splitlines()
    assert tried[0] == '{"id":"u1","plan":"gold"}'
    assert "2 accepted, 0 duplicate, 1 refused  (a trial: nothing was changed)" in tried
    found = json.loads(good("source", "run", "crm", "--json", data=data))
    assert (found["accepted"], found["refused"]) == (2, 1)
    assert found["reasons"] == {"The row names nobody.": 1}
    [one] = [json.loads(line) for line in good("source", "list", "--json", data=data).splitlines()]
    assert (one["rows"], one["schedule"], one["nextRun"]) == (3, "when asked", None)
    database.unlink()
    said = refused("source", "run", "crm", data=data)
    assert "There is no such file." in said[0]
    assert "1 × failed" in good("source", "list", data=data)


def test_what_is_no_source(tmp_path: Path) -> None:
    data, people, file = tmp_path / "data", tmp_path / "people.csv", tmp_path / "wrong.yaml"
    people.write_text("userId,plan\nu1,tin\n")
    good("import", "people", people, data=data)
    file.write_text("what: people\nfile: x.csv\n")
    said = refused("source", "add", "wrong", file, data=data)
    assert said[0] == 'wrong.yaml:2:1: There is no setting "file" here.'
    file.write_text("what: members\nfiles: x.csv\nsegment: nobodys\n")
    assert "nobodys" in refused("source", "add", "wrong", file, data=data)[0]
    for words in (["run", "x"], ["remove", "x"], ["test", "x"]):
        assert "There is no source 'x'." in refused("source", *words, data=data)[0]
    file.write_text("what: people\nfiles: x.csv\n")
    assert "can't be the name" in refused("source", "add", "a.b", file, data=data)[0]
    assert "can't be read" in refused("source", "add", "x", tmp_path / "none.yaml", data=data)[0]
