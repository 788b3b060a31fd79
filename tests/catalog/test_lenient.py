"""What fits of a definition is read, whatever else is in it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.catalog.catalog import KINDS
from lenticular.catalog.lenient import read_leniently
from lenticular.catalog.page import Page
from lenticular.errors import CatalogError

BLOCK = {"kind": "x", "position": "a"}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["key", "path", "kind", "blocks", "experiences", "overrides", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
bodies = st.dictionaries(st.sampled_from(["key", "path", "blocks", "experiences", "tags", "title", "odd"]), anything)


def test_what_does_not_fit_is_left_out() -> None:
    body: dict[str, Any] = {
        "path": "/",
        "blocks": {"a": BLOCK, "b": {"position": "b"}, "c": {**BLOCK, "parent": 5}},
        "experiences": [{"key": "e"}, {"name": "no key"}, {"key": "f", "overrides": []}, "what", {"key": "g"}],
        "tags": ["x", 5, "y"],
        "odd": 1,
    }
    before = msgspec.json.encode(body)
    page, problems = read_leniently("pages", "home", body)
    assert isinstance(page, Page) and msgspec.json.encode(body) == before
    assert list(page.blocks) == ["a", "c"] and page.blocks["c"].parent is None
    assert [one.key for one in page.experiences] == ["e", "f", "g"] and page.tags == ("x", "y")
    assert {one.place.removeprefix("pages/home/") for one in problems} == {
        *("blocks/b", "blocks/c/parent", "odd", "tags/1"),
        *("experiences/1", "experiences/2/overrides", "experiences/3"),
    }


def test_without_what_it_needs_nothing_is_read() -> None:
    page, problems = read_leniently("pages", "home", {"blocks": {}})
    assert page is None and [one.place for one in problems] == ["pages/home"]
    with pytest.raises(CatalogError):
        read_leniently("paages", "home", {})


@given(bodies, st.sampled_from([*KINDS, "site"]))
def test_whatever_it_is_a_definition_or_problems_come_out(body: dict[str, Any], kind: str) -> None:
    found, problems = read_leniently(kind, "x", body)
    assert found is not None or problems
