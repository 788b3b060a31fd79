"""Paths of pages that are patterns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.catalog.check import check
from lenticular.catalog.paths import by_precision, expression, is_pattern, shape
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.world import catalog_of

PATHS = ["/", "/news", "/news/archive", "/news/:slug", "/news/*", "/:section/about", "/:section/:slug", "/*", "/a.b"]


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("/", "/"),
        ("/news", "/news"),
        ("/news/", "/news"),
        ("/news/archive", "/news/archive"),
        ("/news/archive?x=1#y", "/news/archive"),
        ("/news/first", "/news/:slug"),
        ("/news/2026/first", "/news/*"),
        ("/bank/about", "/:section/about"),
        ("/news/about", "/news/:slug"),
        ("/bank/team", "/:section/:slug"),
        ("/a/b/c", "/*"),
        ("/other", "/*"),
        ("/a.b", "/a.b"),
        ("/axb", "/*"),
        ("/news/:slug", "/news/:slug"),
    ],
)
def test_the_most_precise_page_is_found(asked: str, page: str) -> None:
    pages = {f"p{at}": {"path": path} for at, path in enumerate(PATHS)}
    found = compile_snapshot(catalog_of(pages=pages)).page(asked)
    assert found and found.path == page


def test_without_a_pattern_that_matches_there_is_no_page() -> None:
    snapshot = compile_snapshot(catalog_of(pages={"news": {"path": "/news/:slug"}, "all": {"path": "/docs/*"}}))
    assert [snapshot.page(path) for path in ("/news", "/docs", "/news/a/b", "/new/a")] == [None] * 4


@given(st.lists(st.sampled_from(["news", ":slug", ":x", "*", "a.b", "q"]), min_size=1, max_size=4))
def test_a_pattern_matches_what_is_made_of_it(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    made = "/" + "/".join("some" if part.startswith(":") else "one/two" if part == "*" else part for part in parts)
    assert re.fullmatch(expression(path), made)
    assert is_pattern(path) == (path != made)
    assert shape(path).count(":") == sum(part.startswith(":") for part in parts)


def test_texts_go_before_names_before_the_rest() -> None:
    assert by_precision(["/*", "/:a/b", "/a/*", "/a/:b", "/a/b/:c"]) == ["/a/b/:c", "/a/:b", "/a/*", "/:a/b", "/*"]


def test_what_is_no_path() -> None:
    pages = {"a": {"path": "/news/:"}, "b": {"path": "/x*"}, "c": {"path": "/d/:x"}, "d": {"path": "/d/:y"}}
    said = [(one.code, one.place) for one in check(catalog_of(pages=pages))]
    assert said == [
        ("catalog.path", "pages/a/path"),
        ("catalog.path", "pages/b/path"),
        ("catalog.duplicate-path", "pages/d/path"),
    ]
