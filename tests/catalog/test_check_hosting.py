"""Hosts, paths that the server needs itself, titles by language."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.catalog.check import check
from lenticular.catalog.hosting import Hosting, is_host, is_reserved
from tests.decide.world import catalog_of


def problems(page: dict[str, Any], *hosts: str) -> list[tuple[str, str]]:
    catalog = catalog_of(pages={"one": page})
    site = msgspec.structs.replace(catalog.site, hosting=Hosting(hosts))
    return [(one.code, one.place) for one in check(msgspec.structs.replace(catalog, site=site))]


@pytest.mark.parametrize(
    ("host", "good"),
    [
        ("www.shop.example", True),
        ("localhost", True),
        ("127.0.0.1", True),
        ("[::1]", True),
        ("xn--tst-qla.example", True),
        ("*", True),
        ("WWW.shop.example", False),
        ("shop.example:8400", False),
        ("https://shop.example", False),
        ("*.shop.example", False),
        ("", False),
        ("-a.example", False),
        ("a" * 254, False),
    ],
)
def test_what_a_host_is(host: str, good: bool) -> None:
    assert is_host(host) is good


def test_a_wrong_host_is_named_with_its_place() -> None:
    assert problems({"path": "/"}, "shop.example", "https://x") == [("catalog.host", "site/shop/hosting/hosts/1")]


@pytest.mark.parametrize(
    "path", ["/api", "/v1/x", "/Console", "/demo", "/health/:x", "/metrics", "/join", "/.well-known/a", "/lenticular-x"]
)
def test_the_servers_own_paths_are_not_free_for_hosted_pages(path: str) -> None:
    assert is_reserved(path)
    assert [code for code, _ in problems({"path": path}, "*")] == ["catalog.path"]
    assert problems({"path": path}) == []


@pytest.mark.parametrize("path", ["/", "/apis", "/healthy", "/v2", "/news/api", "/:any", "/*"])
def test_all_others_are(path: str) -> None:
    assert not is_reserved(path)


def test_titles_are_in_languages() -> None:
    assert problems({"path": "/", "title": {"en": "A", "es-MX": "B"}, "summary": "C"}) == []
    assert [code for code, _ in problems({"path": "/", "title": {"english!": "A"}})] == ["catalog.language"]
