"""A snapshot with a few definitions changed is the one that would be compiled."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from lenticular.catalog.catalog import Catalog
from lenticular.decide.changed import changed, showing
from lenticular.decide.snapshot import compile_snapshot
from tests.decide.test_slots_on_pages import PARTS
from tests.decide.world import catalog_of

MORE: dict[str, Any] = {
    "pages": {
        **PARTS["pages"],
        "home": {**PARTS["pages"]["home"], "experiences": []},
        "any": {"path": "/news/:slug", "blocks": {"a": {"kind": "offer", "position": "a", "collection": "all"}}},
        "other": {"path": "/", "blocks": {}},
    },
    "slots": {"promo": {"block": {"kind": "banner"}}, "new": {"block": {"kind": "offer", "collection": "all"}}},
    "content": {**PARTS["content"], "z": {"type": "ad"}},
    "collections": {"all": {"items": ["z", "b"]}},
}


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """Some of the definitions of one catalog, and some of another's."""
    base, other = catalog_of(**PARTS), catalog_of(**{**PARTS, **MORE})
    parts = {}
    for kind in ("pages", "slots", "content", "collections"):
        mine, theirs = getattr(base, kind), getattr(other, kind)
        keys = draw(st.lists(st.sampled_from(sorted({*mine, *theirs})), unique=True))
        parts[kind] = {
            key: (theirs if key in theirs and (key not in mine or draw(st.booleans())) else mine)[key] for key in keys
        }
    return msgspec.structs.replace(base, **parts)


BASE = catalog_of(**PARTS)


@given(catalogs())
def test_it_is_the_same_as_compiled(after: Catalog) -> None:
    before = compile_snapshot(BASE)
    found, expected = changed(before, BASE, after), compile_snapshot(after)
    assert msgspec.structs.replace(found, revision="") == msgspec.structs.replace(expected, revision="")


def test_what_did_not_change_is_not_compiled_again() -> None:
    before = compile_snapshot(BASE)
    after = msgspec.structs.replace(BASE, pages={**BASE.pages, "new": catalog_of(**MORE).pages["any"]})
    found = changed(before, BASE, after)
    assert found.pages["/"] is before.pages["/"] and found.collections is before.collections
    assert found.page("/news/x") is not None and before.page("/news/x") is None


def test_one_experience_is_shown_to_everybody() -> None:
    place = compile_snapshot(BASE).pages["/"]
    always = showing(place, "other")
    assert always is not None and [(one.key, one.segment) for one in always.options] == [("other", None)]
    default = showing(place, "")
    assert default is not None and default.options == () and showing(place, "none") is None
