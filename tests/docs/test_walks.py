"""The pages that are followed step by step work as they stand."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.docs.page import read
from tests.docs.walk import Walk


def test_the_quickstart_works(tmp_path: Path) -> None:
    walk = Walk(tmp_path)
    with walk.serving("serve"):
        walk.follow(read("docs/quickstart.md"))


def test_the_http_page_works_and_has_every_route_of_the_admin_api(tmp_path: Path) -> None:
    page = read("docs/http.md")
    walk = Walk(tmp_path)
    with walk.serving("demo", "--people", "10"):
        walk.follow(page)
        document = httpx.get(f"http://127.0.0.1:{walk.port}/api/openapi.json", trust_env=False).json()
    routes = {f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods}
    assert len(routes) >= 13
    assert (
        set(re.findall(r"`((?:GET|PUT|POST|DELETE|PATCH) /(?:api|health)(?:/[^`]*)?)`", page))
        - {"GET /api/openapi.json"}
        == routes
    )


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
