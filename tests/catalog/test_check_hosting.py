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


def test_a_link_leads_somewhere_and_languages_are_languages() -> None:
    hosting = {
        "hosts": ["*"],
        "navigation": [{"label": {"en": "A", "engelsk!": "B"}, "url": "/a"}, {"label": "C", "url": "javascript:x"}],
        "links": [{"label": "D", "url": "shoes"}, {"label": "E", "url": "mailto:a@b.example"}],
        "footer": {"": "F"},
        "banner": {"text": {"es_MX": "G"}, "more": {"label": "H", "url": "privacy"}},
    }
    catalog = catalog_of(pages={})
    site = msgspec.structs.replace(catalog.site, hosting=msgspec.convert(hosting, Hosting))
    assert [(one.code, one.place) for one in check(msgspec.structs.replace(catalog, site=site))] == [
        ("catalog.language", "site/shop/hosting/navigation/0/label/engelsk!"),
        ("catalog.link", "site/shop/hosting/navigation/1/url"),
        ("catalog.link", "site/shop/hosting/links/0/url"),
        ("catalog.link", "site/shop/hosting/banner/more/url"),
        ("catalog.language", "site/shop/hosting/footer/"),
        ("catalog.language", "site/shop/hosting/banner/text/es_MX"),
    ]


@pytest.mark.parametrize(
    ("path", "parameter", "codes"),
    [
        ("/news/:slug", "slug", []),
        ("/:year/:slug", "slug", []),
        ("/news/:key", "slug", ["catalog.parameter"]),
        ("/news", "slug", ["catalog.parameter"]),
        ("/news/:slug", ":slug", ["catalog.parameter", "catalog.parameter"]),
    ],
)
def test_a_page_has_the_part_that_its_collection_asks_for(path: str, parameter: str, codes: list[str]) -> None:
    block = {"kind": "article", "position": "a", "collection": "one"}
    catalog = catalog_of(
        content={"a": {"type": "t"}},
        collections={"one": {"items": ["a"], "parameter": parameter}},
        pages={"p": {"path": path, "blocks": {"b": block}}},
    )
    assert [one.code for one in check(catalog)] == codes


def test_a_slot_has_no_path() -> None:
    catalog = catalog_of(
        collections={"one": {"parameter": "slug"}}, slots={"s": {"block": {"kind": "article", "collection": "one"}}}
    )
    assert [(one.code, one.place) for one in check(catalog)] == [("catalog.parameter", "slots/s")]
