"""Renames: whatever referred to a definition still does."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.compose import body_of, read_body
from lenticular.catalog.difference import follows_keys
from lenticular.catalog.references import Name, Reference, references
from lenticular.catalog.rename import FOLLOWED, follow, renames_in
from lenticular.catalog.rules import tree_of
from lenticular.catalog.site import Holdout
from lenticular.catalog.stored import Change
from lenticular.criteria.renamed import with_new_keys
from lenticular.criteria.text import parse
from lenticular.criteria.text.rename import renamed_text
from tests.catalog.test_references import PARTS
from tests.decide.world import catalog_of

RULES = st.recursive(
    st.sampled_from(["young", "students", "some", "x"]).flatmap(
        lambda key: st.sampled_from([f'segment("{key}")', f"segment( '{key}' )", f'not segment("{key}")'])
    )
    | st.sampled_from(
        ["user.age < 26", 'user.name == "young"', 'count("young", field["some"] == "students") >= 1', "True"]
    ),
    lambda inner: st.builds(lambda a, op, b: f"({a}) {op}\n  ({b})", inner, st.sampled_from(["and", "or"]), inner),
    max_leaves=6,
)


@st.composite
def renames(draw: st.DrawFn, catalog: Catalog) -> dict[Name, str]:
    """New keys for some definitions: fresh ones, or those of others that are renamed too."""
    found: dict[Name, str] = {}
    for kind in FOLLOWED:
        keys = sorted(getattr(catalog, kind))
        chosen = draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []
        fresh = [f"new-{at}" for at in range(len(chosen))]
        found |= {(kind, key): new for key, new in zip(chosen, draw(st.permutations([*fresh, *chosen])), strict=False)}
        left = set(keys) - set(chosen)
        assert not left & {new for (of, _), new in found.items() if of == kind}
    return found


def renamed(catalog: Catalog, names: dict[Name, str]) -> Catalog:
    """A catalog after renames, with all that follows."""
    types: dict[str, list[Any]] = {key: list(body_of(one).get("fields", [])) for key, one in catalog.types.items()}
    parts: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    for kind in KINDS:
        for key, one in getattr(catalog, kind).items():
            body = follow(kind, body_of(one), names, types).body
            new = names.get((kind, key), key)
            if "key" in body:
                body["key"] = new
            parts[kind][new] = read_body(kind, new, body)
    site = read_body("site", catalog.site.key, follow("site", body_of(catalog.site), names, types).body)
    return msgspec.structs.replace(catalog, site=site, **parts)


def resolved(catalog: Catalog) -> set[Reference]:
    return set(references(catalog, {key: tree_of(one) for key, one in catalog.segments.items()}))


@given(st.data(), st.dictionaries(st.sampled_from(["young", "students", "some"]), RULES))
def test_what_referred_to_something_still_does(data: st.DataObject, rules: dict[str, str]) -> None:
    segments = {
        key: {**one, **({"rule": rules[key]} if key in rules else {})} for key, one in PARTS["segments"].items()
    }
    catalog = catalog_of(**{**PARTS, "segments": segments})
    held = msgspec.structs.replace(catalog.site, holdout=Holdout(share=0.1, without=("young", "students")))
    catalog = msgspec.structs.replace(catalog, site=held)
    names = data.draw(renames(catalog))
    after = renamed(catalog, names)

    def new(name: Name) -> Name:
        return name[0], names.get(name, name[1])

    expected = {Reference(new(one.source), new(one.target), one.pointer) for one in resolved(catalog)}
    assert resolved(after) == expected
    own = {old: to for (kind, old), to in names.items() if kind == "segments"}
    for key, one in catalog.segments.items():
        assert parse(after.segments[own.get(key, key)].rule).tree == _with_lists(parse(one.rule).tree, own)
    back = {(kind, to): old for (kind, old), to in names.items()}
    assert resolved(renamed(after, back)) == resolved(catalog)


def _with_lists(tree: Any, own: dict[str, str]) -> Any:
    """Trees as they are to be; in a rule's text lists follow too."""
    text = msgspec.json.encode(with_new_keys(tree, own)).decode()
    for old, new in own.items():
        text = text.replace(f'{{"node":"on_list","key":"{old}"}}', f'{{"node":"on_list","key":"\0{new}"}}')
    return msgspec.json.decode(text.replace("\\u0000", "").replace("\0", ""), type=type(tree))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('segment("a")', 'segment("new")'),
        ("segment('a')  and\n segment( \"b\" )", 'segment("new")  and\n segment( "a" )'),
        ('user.x == "a" and not segment("a")', 'user.x == "a" and not segment("new")'),
        ('user.é == "日本" and segment("a")', 'user.é == "日本" and segment("new")'),
        ('count("a", b == "a") >= 1 or segment("c")', 'count("a", b == "a") >= 1 or segment("c")'),
        ('on_list("a") or segment("a")', 'on_list("new") or segment("new")'),
        (r'segment("\x61")', 'segment("new")'),
        ('segment("a") and', 'segment("a") and'),
        ("", ""),
    ],
)
def test_a_text_stays_as_it_was_written_but_for_keys(before: str, after: str) -> None:
    assert renamed_text(before, {"a": "new", "b": "a"})[0] == after


def test_who_is_never_held_out_follows() -> None:
    body = {"key": "shop", "holdout": {"share": 0.1, "without": ["staff", "young"]}}
    found = follow("site", body, {("segments", "young"): "new"}, {})
    assert found.body["holdout"] == {"share": 0.1, "without": ["staff", "new"]} and found.targets == ("new",)


def test_keys_of_another_kind_do_not_follow() -> None:
    body = {"key": "offers", "items": ["young"], "variations": [{"segment": "young", "items": ["card"]}]}
    found = follow("collections", body, {("segments", "young"): "new"}, {})
    assert found.body == {"key": "offers", "items": ["young"], "variations": [{"segment": "new", "items": ["card"]}]}
    assert found.targets == ("new",) and body["variations"] == [{"segment": "young", "items": ["card"]}]
    assert follow("collections", body, {("segments", "card"): "new"}, {}).body is body


def test_which_changes_are_renames() -> None:
    keys = {"s1": ("segments", "a"), "s2": ("segments", "b"), "p": ("pages", "home"), "s3": ("segments", "c")}
    changes = [
        Change("s1", "segments", "b", 1, "live", {}),
        Change("s2", "segments", "a", 1, "archived", {}),
        Change("s3", "segments", "d", 1, "deleted", None),
        Change("p", "pages", "start", 1, "live", {}),
        Change("s4", "segments", "e", 0, "live", {}),
    ]
    assert renames_in(changes, keys) == {("segments", "a"): "b", ("segments", "b"): "a"}


def test_what_only_follows_says_so_in_two_languages() -> None:
    told = follows_keys(("pages", "home"), {"key": "home", "name": "Home"}, ["pupils"], "en")
    assert told.sentence == "Home: refers to *pupils* by the new key."
    assert (
        follows_keys(("pages", "home"), {}, ["pupils"], "es").sentence
        == "home: se refiere a *pupils* por la clave nueva."
    )
