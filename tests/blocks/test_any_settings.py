"""Whatever settings a kind's Struct admits, the block is shown, well formed and safe."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect

from lenticular.app.block_kinds import block_kinds
from lenticular.blocks.scene import Scene, Shown
from lenticular.decide.decision import Item
from tests.blocks.safe import assert_safe
from tests.blocks.sample import renderer

WORDS = st.sampled_from(
    ["", "a", "<b>x</b>", "</section>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "javascript:alert(1)", "/go",
     "https://shop.example/?a=1&b=2", "<p>a<ul><li>b", "a\nb", "' onfocus='x", "\u202e", "&lt;script&gt;", "tel:1"]
)  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(["title", "text", "image", "link", "date", "price", "cta", "odd name"]),
    WORDS
    | st.integers(-5, 5)
    | st.none()
    | st.lists(WORDS, max_size=2)
    | st.dictionaries(
        st.sampled_from(["en", "es", "src", "alt", "url", "label", "focus", "srcset"]), WORDS, max_size=3
    ),
)
ITEMS = st.lists(st.builds(Item, WORDS, st.sampled_from(["offer", "ad"]), FIELDS), max_size=3).map(tuple)


def values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    """Return any values that a type admits, as plain data."""
    if isinstance(kind, inspect.Metadata):
        return values(kind.type)
    if isinstance(kind, inspect.UnionType):
        return st.one_of([values(one) for one in kind.types if not isinstance(one, inspect.NoneType)])
    if isinstance(kind, inspect.StructType):
        known = {field.encode_name: values(field.type) for field in kind.fields}
        needed = {field.encode_name for field in kind.fields if field.required}
        optional = {name: each for name, each in known.items() if name not in needed}
        return st.fixed_dictionaries({name: known[name] for name in needed}, optional=optional)
    if isinstance(kind, inspect.DictType):
        return st.dictionaries(values(kind.key_type), values(kind.value_type), max_size=3)
    if isinstance(kind, inspect.LiteralType):
        return st.sampled_from(list(kind.values))
    return _leaf(kind)


def _leaf(kind: inspect.Type) -> st.SearchStrategy[Any]:
    if isinstance(kind, inspect.StrType):
        if kind.pattern:
            return st.from_regex(kind.pattern, fullmatch=True).filter(lambda one: len(one) <= (kind.max_length or 99))
        return WORDS.filter(lambda one: len(one) >= (kind.min_length or 0))
    if isinstance(kind, inspect.BoolType):
        return st.booleans()
    if isinstance(kind, inspect.IntType):
        return st.integers(kind.ge, kind.le)
    assert isinstance(kind, inspect.FloatType)
    return st.floats(kind.ge, kind.le)


@cache
def any_settings(name: str) -> st.SearchStrategy[Any]:
    return values(inspect.type_info(block_kinds().kind(name).settings))


@pytest.mark.parametrize("name", [kind.name for kind in block_kinds()])
@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_any_settings_are_shown(name: str, data: st.DataObject) -> None:
    struct = block_kinds().kind(name).settings
    given_settings = data.draw(any_settings(name))
    assert msgspec.convert(given_settings, struct) and block_kinds().misfits(name, given_settings) == []
    shown = Shown(data.draw(WORDS), name, given_settings, data.draw(ITEMS))
    rendered = renderer().render([shown], Scene("page", "/", ("es", "en"), "es"))
    assert rendered.failures == ()
    assert_safe(rendered.html)
