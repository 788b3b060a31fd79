from __future__ import annotations

from typing import Any

from lenticular.catalog.catalog import KINDS, Catalog
from lenticular.catalog.check import check, fatal
from lenticular.catalog.references import Reference, Use, escaped, references, uses_of
from lenticular.catalog.rules import tree_of
from tests.decide.world import catalog_of

MORE = {"kind": "x", "position": "b", "collection": "offers"}
PARTS: dict[str, Any] = {
    "properties": {
        "user.age": {"scope": "user", "name": "age", "type": "number"},
        "event.price": {"scope": "event", "name": "price", "type": "number"},
    },
    "segments": {
        "young": {"rule": "user.age < 26", "static": True},
        "students": {"name": "Students", "rule": 'segment("young") and sum("Bought", price) > 5'},
        "some": {"rule": 'on_list("young") or segment("students")'},
    },
    "types": {"offer": {"fields": [{"key": "other", "type": "reference", "to": "offer", "localized": True}]}},
    "content": {"card": {"type": "offer", "fields": {"other": {"en": "loan"}}}, "loan": {"type": "offer"}},
    "collections": {"offers": {"items": ["card"], "variations": [{"segment": "young", "items": ["loan"]}]}},
    "pages": {
        "home": {
            "path": "/",
            "blocks": {
                "a/b": {"kind": "offers", "position": "a", "collection": "offers"},
                "s": {"kind": "slot", "position": "c", "settings": {"slot": "promo"}},
            },
            "experiences": [
                {
                    "key": "e",
                    "segment": "students",
                    "overrides": {
                        "n": {"kind": "x", "position": "b", "collection": "offers"},
                        "s": {"settings": {"slot": "aside"}},
                        "t": {"kind": "slot", "position": "d", "settings": {"slot": "promo"}},
                    },
                }
            ],
        }
    },
    "slots": {
        "aside": {"block": {"kind": "ad"}},
        "promo": {"block": {"kind": "ad"}, "experiences": [{"key": "e", "overrides": {"collection": "offers"}}]},
    },
    "personas": {"ana": {"segments": ["some"]}},
    "goals": {"bought": {"event": "Bought", "where": "price > 5"}},
}


def found(catalog: Catalog) -> list[Reference]:
    return list(references(catalog, {key: tree_of(one) for key, one in catalog.segments.items()}))


def uses(kind: str, key: str) -> list[tuple[str, str, str, tuple[str, ...]]]:
    catalog = catalog_of(**PARTS)
    return [(one.kind, one.key, one.pointer, one.through) for one in uses_of(kind, key, catalog, found(catalog))]


def test_a_segment_is_used_directly_and_through_segments() -> None:
    assert uses("segments", "young") == [
        ("segments", "students", "/rule", ()),
        ("segments", "some", "/rule", ()),
        ("collections", "offers", "/variations/0/segment", ()),
        ("segments", "some", "/rule", ("students",)),
        ("pages", "home", "/experiences/0/segment", ("students",)),
        ("personas", "ana", "/segments/0", ("some",)),
    ]


def test_everything_else_is_used() -> None:
    assert uses("collections", "offers") == [
        ("pages", "home", "/blocks/a~1b/collection", ()),
        ("pages", "home", "/experiences/0/overrides/n/collection", ()),
        ("slots", "promo", "/experiences/0/overrides/collection", ()),
    ]
    assert uses("content", "loan") == [
        ("content", "card", "/fields/other/en", ()),
        ("collections", "offers", "/variations/0/items/0", ()),
    ]
    assert [one[:2] for one in uses("types", "offer")] == [("types", "offer"), ("content", "card"), ("content", "loan")]
    assert ("segments", "young", "/rule", ()) in uses("properties", "user.age")
    assert [one[:2] for one in uses("properties", "event.price")][:2] == [("segments", "students"), ("goals", "bought")]
    assert uses("pages", "home") == [] == uses("goals", "bought")
    catalog = catalog_of(**PARTS)
    assert uses_of("segments", "young", catalog, found(catalog))[0] == Use("segments", "students", "Students", "/rule")


FREE = (("types", "offer"), ("properties", "event.price"))
"""Items may be of a type that is not defined, and rules may ask for fields of events that nobody has defined."""


def test_all_that_is_referred_to_is_missed_when_it_is_gone() -> None:
    """Whatever the check of a catalog wants to be there is a reference, and the other way round."""
    whole = catalog_of(**PARTS)
    assert fatal(check(whole)) == []
    targets = {one.target for one in found(whole)}
    for kind in KINDS:
        for key in PARTS[kind]:
            parts = {name: {k: v for k, v in of.items() if (name, k) != (kind, key)} for name, of in PARTS.items()}
            if (kind, key) in FREE:
                continue
            missed = [
                one for one in fatal(check(catalog_of(**parts))) if one.code.startswith(("catalog.unknown", "rule"))
            ]
            assert bool(missed) == ((kind, key) in targets), (kind, key, missed)


def test_pointers_are_escaped() -> None:
    assert escaped("a/b~c") == "a~1b~0c"
