"""What somebody edits in the demo is there again at the next start."""

from __future__ import annotations

from pathlib import Path

from tests.process import ServerProcess, start

READY = b"The demo bank Aurora"


def demo(data: Path) -> ServerProcess:
    return start(data, "--people", "1", command="demo", ready=READY)


def test_what_was_published_stays(tmp_path: Path) -> None:
    server = demo(tmp_path / "data")
    body = server.api("GET", "/api/sites/aurora/definitions/pages/home")["body"]
    body["blocks"]["hero"]["settings"]["title"] = "Edited"
    server.api("PUT", "/api/sites/aurora/drafts/pages/home", {"body": body})
    answer = server.http.post("/api/sites/aurora/publications", json={"drafts": ["pages/home"]})
    assert answer.status_code == 201, answer.text
    server.stop()
    server = demo(tmp_path / "data")
    catalog = server.api("GET", "/api/sites/aurora/catalog")
    assert catalog["pages"]["home"]["blocks"]["hero"]["settings"]["title"] == "Edited"
    server.stop()
