"""Where paths lead, and which language is meant: tables of cases, and what holds for any path."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.decide.snapshot import compile_snapshot
from lenticular.web.pages.address import Spot, canonical, find, negotiated
from tests.decide.world import catalog_of

PATHS = ("/", "/college", "/About/Us", "/news/:slug", "/docs/*", "/es/ofertas", "/a b")
SNAPSHOT = compile_snapshot(catalog_of(pages={f"p{at}": {"path": path} for at, path in enumerate(PATHS)}))
BOTH = ("en", "es")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/", Spot("/", "en", "", True)),
        ("/es", Spot("/", "es", "/es")),
        ("/es/college", Spot("/college", "es", "/es")),
        ("/es/ofertas", Spot("/es/ofertas", "en", "", True)),
        ("/about/us", "/About/Us"),
        ("/es/about/us/", "/es/About/Us"),
        ("/NEWS/Today", "/news/today"),
        ("/news/Today", Spot("/news/Today", "en", "", True)),
        ("/docs/a/B/c", Spot("/docs/a/B/c", "en", "", True)),
        ("//evil.example/", None),
        ("//news//x", "/news/x"),
        ("/a b", Spot("/a b", "en", "", True)),
        ("/A B/", "/a%20b"),
        ("/news/\r\nx/", "/news/%0D%0Ax"),
        ("/fr/college", None),
        ("/news", None),
        ("", "/"),
    ],
)
def test_where_a_path_leads(path: str, found: Spot | str | None) -> None:
    assert find(path, SNAPSHOT, BOTH, "") == found


def test_one_language_has_no_prefix() -> None:
    assert find("/en/college", SNAPSHOT, ("en",), "es") is None
    spot = find("/college", SNAPSHOT, ("en",), "es")
    assert spot == Spot("/college", "en") and canonical(spot, ("en",)) == "/college"


parts = st.sampled_from(
    ["", "es", "EN", "college", "News", "docs", "x", "a b", "é", "\\", "?", "#", "..", "\x00", "%2F"]
)


@given(st.lists(parts, max_size=5).map(lambda found: "/" + "/".join(found)))
def test_who_is_sent_on_arrives_and_stays_here(path: str) -> None:
    found = find(path, SNAPSHOT, BOTH, "")
    if isinstance(found, str):
        assert found.isascii() and found.startswith("/") and not found.startswith(("//", "/\\"))
        found = find(unquote(found), SNAPSHOT, BOTH, "")
        assert isinstance(found, Spot)
    if found is not None:
        where = canonical(found, BOTH)
        again = find(unquote(where), SNAPSHOT, BOTH, "")
        assert isinstance(again, Spot) and (again.language, again.path) == (found.language, found.path)


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("ES-mx", "es"),
        ("fr,es;q=0.2,en;q=0.1", "es"),
        ("es;q=0", "en"),
        ("es;q=0.5,en;q=0.5", "es"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("*", "en"),
        ("es;q=x, pt;q=0.1", "pt-BR"),
        (",;q=,=;", "en"),
        ("x" * 10_000, "en"),
    ],
)
def test_which_language_is_meant(accept: str, language: str) -> None:
    assert negotiated(accept, ("en", "es", "pt-BR")) == language
