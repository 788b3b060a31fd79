"""An experience is a difference: it leads to the edited layout, and what was not touched follows the default."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.block import Block
from lenticular.catalog.check import check, fatal
from lenticular.catalog.layout import changed_by, overrides_of
from lenticular.catalog.merged import merged_blocks
from tests.decide.world import catalog_of

SETTINGS = st.recursive(
    st.booleans() | st.integers(-2, 2) | st.sampled_from([0.0, 1.0, "", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2),
    max_leaves=6,
)
BLOCKS = st.builds(
    Block,
    kind=st.sampled_from(["hero", "ad"]),
    position=st.sampled_from(["a", "b", "am"]),
    settings=st.dictionaries(st.sampled_from("pqr"), SETTINGS, max_size=3),
    parent=st.sampled_from([None, "one", "two"]),
    hidden=st.booleans(),
    collection=st.sampled_from([None, "offers"]),
)
LAYOUTS = st.dictionaries(st.sampled_from(["one", "two", "three", "four"]), BLOCKS)


def plain(blocks: dict[str, Block]) -> bytes:
    return msgspec.json.encode(blocks, order="sorted")


@settings(deadline=None, max_examples=400)
@given(LAYOUTS, LAYOUTS)
def test_the_difference_leads_to_the_edited_layout(default: dict[str, Block], edited: dict[str, Block]) -> None:
    found = merged_blocks(default, overrides_of(default, edited))
    assert plain(found.blocks) == plain(edited) and not found.misfits and not found.ignored
    assert overrides_of(default, default) == {}


@settings(deadline=None, max_examples=400)
@given(LAYOUTS, LAYOUTS, LAYOUTS)
def test_what_was_not_touched_follows_the_default(
    default: dict[str, Block], edited: dict[str, Block], later: dict[str, Block]
) -> None:
    overrides = overrides_of(default, edited)
    kept = {name for name in default if name in edited and plain({"": default[name]}) == plain({"": edited[name]})}
    assert not kept & overrides.keys()
    changed = {**default, **{name: block for name, block in later.items() if name in kept or name not in edited}}
    shown = merged_blocks(changed, overrides).blocks
    assert all(shown[name] == changed[name] for name in kept)
    told = changed_by(default, overrides)
    assert {name for name, what in told.items() if what == "follows"} == kept
    assert {name for name, what in told.items() if what == "removed"} == default.keys() - edited.keys()
    assert {name for name, what in told.items() if what == "added"} == edited.keys() - default.keys()


@settings(deadline=None)
@given(BLOCKS, BLOCKS, st.sampled_from(["title", "art"]))
def test_a_setting_that_was_not_touched_follows_the_default(block: Block, other: Block, name: str) -> None:
    default = {"hero": msgspec.structs.replace(block, settings={**block.settings, name: "before"})}
    edited = {"hero": msgspec.structs.replace(other, settings={**other.settings, name: "before"})}
    overrides = overrides_of(default, edited)
    later = {"hero": msgspec.structs.replace(block, settings={**block.settings, name: "later"})}
    assert merged_blocks(later, overrides).blocks["hero"].settings[name] == "later"


def refused(**experience: Any) -> list[str]:
    blocks = {
        "a": {"kind": "columns", "position": "a"},
        "b": {"kind": "columns", "position": "a", "parent": "a"},
        "c": {"kind": "text", "position": "a", "parent": "b"},
    }
    pages = {"home": {"path": "/", "blocks": blocks, "experiences": [{"key": "e", **experience}]}}
    return [f"{one.code} {one.place}" for one in fatal(check(catalog_of(pages=pages)))]


def test_overrides_that_make_a_block_contain_itself_are_refused() -> None:
    assert refused(overrides={}) == []
    assert refused(overrides={"c": {"parent": "a"}}) == []
    where = "pages/home/experiences/0/overrides"
    for overrides in ({"a": {"parent": "c"}}, {"a": {"parent": "a"}}, {"a": {"parent": "b"}, "b": {"hidden": True}}):
        found = refused(overrides=overrides)
        assert found and all(one.startswith(f"catalog.parent {where}/") for one in found), overrides
    assert refused(overrides={"a": {"parent": "nothing"}}) == [f"catalog.parent {where}/a/parent"]
    new = {"kind": "columns", "position": "b", "parent": "y"}
    assert len(refused(overrides={"x": new, "y": {**new, "parent": "x"}})) == 2
