"""The pages that are followed step by step work as they stand."""

from __future__ import annotations

from pathlib import Path

from tests.docs.page import read
from tests.docs.walk import Walk


def test_the_quickstart_works(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    with walk.serving("serve"):
        walk.follow(read("docs/quickstart.md"))


def test_the_examples_of_the_http_page_work(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    with walk.serving("demo", "--people", "10"):
        walk.follow(read("docs/http.md"))
