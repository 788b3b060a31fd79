"""The pages that are followed step by step work as they stand."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path

import httpx
import pytest

from tests.docs.page import read
from tests.docs.walk import Walk


def test_the_quickstart_works(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    with walk.serving("serve"):
        walk.follow(read("docs/quickstart.md"))


def test_the_page_about_imports_works(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    with walk.serving("serve"):
        walk.follow(read("docs/import.md"))


def test_the_page_about_pictures_works(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    with walk.serving("serve"):
        walk.follow(read("docs/pictures.md"))


def test_the_page_about_webhooks_works(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    walk = Walk(tmp_path, LENTICULAR_WEBHOOK_NETWORKS="127.0.0.1")
    with walk.serving("serve"):
        try:
            walk.follow(read("docs/webhooks.md").replace("9000", port))
        finally:
            if (tmp_path / "receiver.pid").exists():
                os.kill(int((tmp_path / "receiver.pid").read_text()), signal.SIGTERM)
    assert (tmp_path / "received.txt").read_text().count("segment.entered") == 2


def test_the_http_page_works_and_has_every_route_of_the_admin_api(tmp_path: Path) -> None:
    page = read("docs/http.md")
    walk = Walk(tmp_path)
    with walk.serving("demo", "--people", "10"):
        walk.follow(page)
        document = httpx.get(f"http://127.0.0.1:{walk.port}/api/openapi.json", trust_env=False).json()
    routes = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert len(routes) >= 13
    found = re.findall(r"`((?:GET|PUT|POST|DELETE|PATCH) /(?:api|health|\.well-known)(?:/[^`]*)?)`", page)
    assert set(found) - {"GET /api/openapi.json"} == routes


@pytest.mark.parametrize(
    "wrong",
    [
        "```sh\necho 5\n```\n```\n6\n```\n",
        '```sh\necho \'{"a": [1]}\'\n```\n```json\n{"a": [2]}\n```\n',
        "```sh\nfalse\n```\n",
    ],
)
def test_a_page_that_is_wrong_is_noticed(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(AssertionError):
        Walk(tmp_path).follow(wrong)
