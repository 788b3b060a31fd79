from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.collection import Collection
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.page import Page
from lenticular.catalog.shape import misfits


@pytest.mark.parametrize(
    ("struct", "data", "path", "message", "hint"),
    [
        (Page, {"key": "a", "path": "/", "block": {}}, ("block",), 'no setting "block"', "Did you mean blocks?"),
        (Page, {"key": "a"}, (), '"path" is missing', "Add a line"),
        (Page, {"key": "a", "path": 5}, ("path",), 'a text for "path", found the number 5', "quotes"),
        (Page, {"key": "a", "path": "/", "blocks": []}, ("blocks",), "named settings", ""),
        (Page, {"key": "a", "path": "/", "blocks": {"h": {"kind": "x", "hidden": "no"}}}, ("blocks", "h", "hidden"),
         "true or false", ""),
        (Page, {"key": "a", "path": "/", "experiences": [{"key": "e", "segmnt": "s"}]}, ("experiences", 0, "segmnt"),
         "segmnt", "Did you mean segment?"),
        (Page, "home", (), 'found "home"', ""),
        (Collection, {"key": "c", "combine": "frist"}, ("combine",), '"frist" is not a known', "first"),
        (Collection, {"key": "c", "limit": True}, ("limit",), "a whole number", ""),
        (Collection, {"key": "c", "items": "a"}, ("items",), "a list", ""),
        (ContentItem, {"key": "c", "type": "ad", "cap": {"limit": 1, "per": "daily"}}, ("cap", "per"), "daily", "day"),
        (ContentItem, {"key": "c", "type": "ad", "tags": ["a", None]}, ("tags", 1), "found nothing", ""),
    ],
)  # fmt: skip
def test_a_misfit_says_where_and_what_to_do(
    struct: type[msgspec.Struct], data: Any, path: tuple[str | int, ...], message: str, hint: str
) -> None:
    found = misfits(data, struct)
    assert [one.path for one in found] == [path]
    assert message in found[0].message
    assert hint in found[0].hint


def test_all_misfits_are_found_at_once() -> None:
    data = {"blocks": {"a": {"position": 1}, "b": {"kind": "x", "colour": "red"}}, "experience": []}
    paths = {one.path for one in misfits(data, Page)}
    assert paths == {(), ("blocks", "a"), ("blocks", "a", "position"), ("blocks", "b", "colour"), ("experience",)}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 120) | st.floats(allow_nan=False) | st.sampled_from(["day", "first"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["key", "type", "cap", "limit", "per", "tags", "fields"]), inner, max_size=5)
    ),
    max_leaves=8,
)


@settings(deadline=None)
@given(PLAIN, st.sampled_from([ContentItem, Collection, Page]))
def test_what_has_no_misfit_can_be_converted_and_the_other_way_round(data: Any, struct: type[msgspec.Struct]) -> None:
    fits = True
    try:
        msgspec.convert(data, struct)
    except msgspec.ValidationError:
        fits = False
    assert fits == (not misfits(data, struct))
