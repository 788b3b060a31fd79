"""Catalogs drawn by chance: right in their form, whatever they say."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
from hypothesis import strategies as st

from lenticular.catalog.catalog import KINDS, AnyDefinition, Catalog, gather
from lenticular.catalog.property import Purpose
from lenticular.catalog.shape import misfits
from lenticular.catalog.site import Signals, Site

ODD = st.sampled_from(
    ["", " ", "a", "yes", "null", "~", "true", "5", "05", "-1.5e3", ".inf", "2026-01-31", "a: b", "a #b", "- a", "a:",
     "#a", "'", '"', "\\", "{}", "[a]", "&a", "*a", "!a", "|", ">", "%", "@", "`", "é", "日本", "\u2028", "\x85",
     "\ufeff", "😀", "\t", "two\nlines", "ends\n", "\nbegins", " indented\nlines", "a\n\nb", "trailing \nspace",
     "a\n\n", "x" * 200, "\x7f", "?", "? a", "18 <= user.age < 26", 'count("A", x == "b", within="7d") >= 1',
     "user.age < 26\nand user.x == 1", "0x1F", "1_000", "<<"]
)  # fmt: skip
TEXTS = ODD | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
KEYS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,6}", fullmatch=True) | st.sampled_from(
    ["a", "A", "null", "5", "site"]
)
VALUES = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
PATCHES = st.dictionaries(
    st.sampled_from(["hero", "news", "x y"]),
    st.none() | st.dictionaries(TEXTS, st.none() | VALUES, max_size=3),
    max_size=3,
)
BLOCKS = st.fixed_dictionaries(
    {"kind": TEXTS},
    optional={
        "position": TEXTS,
        "settings": st.dictionaries(TEXTS, VALUES, max_size=3),
        "parent": KEYS,
        "hidden": st.booleans(),
        "collection": KEYS,
    },
)
EXPERIENCES = st.lists(
    st.fixed_dictionaries(
        {"key": KEYS},
        optional={
            "name": TEXTS,
            "segment": KEYS,
            "schedule": st.fixed_dictionaries({}, optional={"start": TEXTS, "end": TEXTS}),
            "overrides": PATCHES,
        },
    ),
    max_size=3,
)
_COMMON = {"name": TEXTS, "description": TEXTS, "tags": st.lists(TEXTS, max_size=3)}
_LABELLED = {"label": TEXTS, "description": TEXTS, "tags": st.lists(TEXTS, max_size=3)}
_FIELDS = st.lists(
    st.fixed_dictionaries(
        {"key": KEYS, "type": st.sampled_from(["text", "list", "reference"])},
        optional={"name": TEXTS, "required": st.booleans(), "localized": st.booleans(), "to": KEYS},
    ),
    max_size=3,
)
_ALLOWED = st.lists(st.fixed_dictionaries({"value": VALUES}), max_size=2)
CAPS = st.fixed_dictionaries({}, optional={"limit": st.integers(-5, 500), "gap": TEXTS, "instead": KEYS})
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("types", "all", "any", "none"), st.lists(TEXTS, max_size=2)),
        "where": TEXTS,
        "sort": st.lists(
            st.fixed_dictionaries(
                {"by": st.sampled_from(["newest", "field", "viewed", "random"])},
                optional={"field": TEXTS, "order": st.sampled_from(["up", "down"]), "days": st.integers(-1, 500)},
            ),
            max_size=3,
        ),
    },
)
_VARIATIONS = st.fixed_dictionaries({"segment": KEYS}, optional={"items": st.lists(KEYS), "query": QUERIES})
DEFINITIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "properties": (
        {"scope": st.sampled_from(["user", "event"]), "name": TEXTS, "type": st.sampled_from(["text", "number"])},
        {
            **_LABELLED,
            "trusted": st.booleans(),
            "values": st.lists(st.fixed_dictionaries({"value": VALUES}), max_size=2),
        },
    ),
    "segments": ({"key": KEYS}, {**_COMMON, "rule": TEXTS, "static": st.booleans()}),
    "types": ({"key": KEYS}, {**_COMMON, "fields": _FIELDS}),
    "content": (
        {"key": KEYS, "type": TEXTS},
        {
            **_COMMON,
            "fields": st.dictionaries(TEXTS, VALUES, max_size=3),
            "start": TEXTS,
            "cap": CAPS,
            "priority": st.integers(-5, 5),
            "date": TEXTS,
        },
    ),
    "collections": (
        {"key": KEYS},
        {
            **_COMMON,
            "items": st.lists(KEYS, max_size=3),
            "combine": st.sampled_from(["first", "merge"]),
            "limit": st.integers(0, 9),
            "query": QUERIES,
            "variations": st.lists(_VARIATIONS, max_size=2),
            "hideSeen": TEXTS,
            "cap": CAPS,
        },
    ),
    "pages": (
        {"key": KEYS, "path": TEXTS},
        {**_COMMON, "blocks": st.dictionaries(TEXTS, BLOCKS, max_size=3), "experiences": EXPERIENCES},
    ),
    "slots": ({"key": KEYS, "block": BLOCKS}, {**_COMMON, "experiences": EXPERIENCES}),
    "personas": (
        {"key": KEYS},
        {**_COMMON, "traits": st.dictionaries(TEXTS, VALUES, max_size=3), "segments": st.lists(KEYS, max_size=2)},
    ),
    "goals": ({"key": KEYS, "event": TEXTS}, {**_COMMON, "where": TEXTS, "value": TEXTS}),
}


@st.composite
def definitions(draw: st.DrawFn) -> AnyDefinition:
    """One definition of any kind."""
    kind = draw(st.sampled_from(sorted(DEFINITIONS)))
    needed, optional = DEFINITIONS[kind]
    data = draw(st.fixed_dictionaries(needed, optional=optional))
    assert not misfits(data, KINDS[kind]), misfits(data, KINDS[kind])
    found: AnyDefinition = msgspec.convert(data, KINDS[kind])
    return found


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """A catalog of some definitions; of two with one key the first."""
    purposes = st.lists(st.sampled_from(get_args(Purpose)), unique=True).map(tuple)
    signals = Signals(gpc=draw(purposes), dnt=draw(purposes))
    site = Site(key="shop", timezone="UTC", write_key=draw(TEXTS), name=draw(TEXTS), signals=signals)
    return gather(site, [(one, "") for one in draw(st.lists(definitions(), max_size=6))])[0]
