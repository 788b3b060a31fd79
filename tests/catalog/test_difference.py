"""Differences in sentences, in both languages; and one is told whenever there is one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.catalog import KINDS, AnyDefinition, kind_of
from lenticular.catalog.compose import body_of
from lenticular.catalog.difference import Difference, Naming, difference
from lenticular.catalog.words import LANGUAGES
from lenticular.criteria.types import Schema
from tests.catalog.drawn import definitions

SCHEMA = Schema(
    types={("user", "age"): "number"}, labels={"user.age": "Age", "segment.students": "Students"}, open=True
)
NAMING = Naming(SCHEMA, SCHEMA, {"students": "Students"})
COUNT = 'count("Offer Viewed", within="7d")'


def told(kind: str, before: Any, after: Any, language: str = "en") -> Difference:
    return difference((kind, "k"), ("live", before), ("live", after), NAMING, language)


def lines(kind: str, before: Any, after: Any, language: str = "en") -> list[str]:
    return list(told(kind, before, after, language).lines)


@pytest.mark.parametrize(
    ("before", "after", "english", "spanish"),
    [
        ("user.age < 26", "user.age < 30", ["age was *below 26*, now *below 30*"],
         ["age era *menor que 26*, ahora *menor que 30*"]),
        ("user.age < 26 and user.x == 1", "user.x == 1 and user.age < 30",
         ["age was *below 26*, now *below 30*"], None),
        ("user.age < 26", "user.age < 26 and user.x == 1", ["asks now too: *x is 1*"],
         ["ahora pide también: *x es 1*"]),
        ("user.age < 26 and user.x == 1", "user.x == 1", ["no longer asks: *age is below 26*"], None),
        ("user.age < 26 or user.x == 1", "user.x == 1 or user.y == 2",
         ["is no longer enough: *age is below 26*", "is enough now too: *y is 2*"], None),
        (f"{COUNT} >= 2", f"{COUNT} >= 3",
         ["was *“Offer Viewed” happened at least 2 times in the last 7 days*, "
          "now *“Offer Viewed” happened at least 3 times in the last 7 days*"], None),
        ('segment("students")', 'not segment("students")',
         ["was *belongs to Students*, now *does not belong to Students*"], None),
        ("user.age < 26", "user.age  <  26", ["the rule is written differently and says the same"], None),
        ("user.x == 1 and user.y == 2", "user.y == 2 and user.x == 1",
         ["the rule is written differently and says the same"], None),
        ("user.a == 1 and (user.x == 1 or user.y == 2)", "user.a == 1 and (user.x == 1 or user.y == 3)",
         ["y was *2*, now *3*"], None),
        ("user.x == 1 and user.y == 2", "user.x == 1 or user.y == 2",
         ["was *x is 1 and y is 2*, now *x is 1 or y is 2*"], None),
        ("", "user.x == 1", ["the rule is now: *x is 1*"], None),
        ("user.x == 1", "", ["the rule was: *x is 1*; now there is none"], None),
        ("user.x == ", "user.x == 1", ["was *user.x ==*, now *user.x == 1*"], None),
    ],
)  # fmt: skip
def test_rules(before: str, after: str, english: list[str], spanish: list[str] | None) -> None:
    old, new = ({"rule": rule} if rule else {} for rule in (before, after))
    assert [line.replace("== *", "==*") for line in lines("segments", old, new)] == english
    if spanish is not None:
        assert lines("segments", old, new, "es") == spanish


BLOCKS: dict[str, Any] = {
    "hero": {"kind": "hero", "position": "a", "settings": {"title": "Welcome"}},
    "news": {"kind": "news", "position": "b"},
}
STUDENTS = {
    "key": "e1",
    "name": "Students",
    "segment": "students",
    "overrides": {"hero": {"settings": {"title": "Hi"}}},
}


def page(*experiences: Any, **blocks: Any) -> dict[str, Any]:
    merged = {
        name: {**BLOCKS.get(name, {}), **(of or {})} for name, of in {**BLOCKS, **blocks}.items() if of is not None
    }
    return {"key": "k", "name": "Home", "path": "/", "blocks": merged, "experiences": list(experiences)}


@pytest.mark.parametrize(
    ("before", "after", "english"),
    [
        (page(), page(hero={"settings": {"title": "Hi", "art": "bars"}}),
         ["block *hero*: title was *Welcome*, now *Hi*", "block *hero*: art is now *bars*"]),
        (page(), page(news={"position": "Z"}), ["block *news* moved"]),
        (page(), page(news={"hidden": True}), ["block *news* hidden"]),
        (page(news={"hidden": True}), page(), ["block *news* shown again"]),
        (page(), page(news={"parent": "hero"}), ["block *news* is now inside *hero*"]),
        (page(news={"parent": "hero"}), page(), ["block *news* is now on top"]),
        (page(), page(ad={"kind": "ad", "position": "c"}), ["block *ad* added (ad)"]),
        (page(), page(news=None), ["block *news* taken out"]),
        (page(), page(news={"collection": "offers"}), ["block *news*: collection is now *offers*"]),
        (page(), page(STUDENTS), ["experience *Students* added, for *Students*"]),
        (page({**STUDENTS, "segment": None}), page(), ["experience *Students* taken out"]),
        (page(STUDENTS), page({**STUDENTS, "overrides": {"hero": {"settings": {"title": "Hey"}}}}),
         ["experience *Students*: block *hero*: title was *Hi*, now *Hey*"]),
        (page(STUDENTS), page({**STUDENTS, "overrides": {}}),
         ["experience *Students*: block *hero*: follows the default"]),
        (page({**STUDENTS, "overrides": {}}), page({**STUDENTS, "overrides": {"news": {"hidden": True}, "hero": None}}),
         ["experience *Students*: block *news* hidden", "experience *Students*: block *hero* taken out"]),
        (page(STUDENTS), page({**STUDENTS, "schedule": {"start": "2026-11-27"}}),
         ["experience *Students*: schedule: start is now *2026-11-27*"]),
        (page(STUDENTS, {"key": "b"}), page({"key": "b"}, STUDENTS), ["experiences: the order is now *b*, *Students*"]),
        (page(STUDENTS), page({k: v for k, v in STUDENTS.items() if k != "segment"}),
         ["experience *Students*: segment was *Students*, now *anyone*"]),
    ],
)  # fmt: skip
def test_pages(before: Any, after: Any, english: list[str]) -> None:
    assert lines("pages", before, after) == english


@pytest.mark.parametrize(
    ("kind", "before", "after", "english"),
    [
        ("slots", {"block": {"kind": "ad"}}, {"block": {"kind": "ad", "settings": {"label": "Ad"}}},
         ["block: label is now *Ad*"]),
        ("collections", {"items": ["a", "b"]}, {"items": ["b", "a", "c"]},
         ["items: *c* added", "items: the order is now *b*, *a*, *c*"]),
        ("collections", {"items": ["a", "b"]}, {"items": ["b"]}, ["items: *a* taken out"]),
        ("collections", {"variations": [{"segment": "s", "items": ["a"]}]},
         {"variations": [{"segment": "s", "items": []}]},
         ["variations: s: items: *a* taken out"]),
        ("content", {"fields": {"title": "A"}, "cap": {"limit": 1, "per": "day"}},
         {"fields": {"title": "B" * 100}, "cap": {"limit": 2, "per": "day"}},
         ["fields: title changed", "frequency cap: limit was *1*, now *2*"]),
        ("types", {"fields": [{"key": "t", "type": "text"}]},
         {"fields": [{"key": "t", "type": "text", "required": True}]},
         ["fields: t: required is now *yes*"]),
        ("properties", {"values": [{"value": "a"}]}, {"values": [{"value": "a"}, {"value": "b", "label": "B"}]},
         ["allowed values: *B* added"]),
        ("site", {"secretKey": "abc"}, {"secretKey": "xyz"}, ["secret key changed"]),
        ("site", {}, {"signals": {"gpc": []}},
         ["browsers' signals: Global Privacy Control withholds: *personalization* taken out"]),
        ("site", {"signals": {"gpc": [], "dnt": ["analytics"]}}, {"signals": {"dnt": ["analytics"]}},
         ["browsers' signals: Global Privacy Control withholds: *personalization* added"]),
        ("goals", {"event": "A", "where": "x == 1"}, {"event": "A"}, ["filter was *x == 1*, now nothing"]),
        ("personas", {"traits": {"age": 5}}, {"traits": {"age": 1_000_000}}, ["traits: age was *5*, now *1,000,000*"]),
        ("segments", {"static": True}, {}, ["static list was *yes*, now nothing"]),
    ],
)  # fmt: skip
def test_everything_else(kind: str, before: Any, after: Any, english: list[str]) -> None:
    assert lines(kind, before, after) == english


@pytest.mark.parametrize(
    ("kind", "before", "after", "english", "spanish"),
    [
        ("collections", {},
         {"query": {"types": ["offer"], "where": "price < 5", "sort": [{"by": "viewed", "days": 7}]}},
         ["query: types: *offer* added", "query: filter is now *price < 5*",
          "query: order of the query: *most viewed* added"],
         ["la consulta: tipos: se añade *offer*", "la consulta: el filtro es ahora *price < 5*",
          "la consulta: el orden de la consulta: se añade *lo más visto*"]),
        ("collections", {"query": {"sort": [{"by": "viewed"}, {"by": "field", "field": "price"}]}},
         {"query": {"sort": [{"by": "field", "field": "price"}, {"by": "viewed", "days": 7}]}},
         ["query: order of the query: the order is now *field price*, *most viewed*",
          "query: order of the query: most viewed: days is now *7*"],
         ["la consulta: el orden de la consulta: el orden es ahora *campo price*, *lo más visto*",
          "la consulta: el orden de la consulta: lo más visto: días es ahora *7*"]),
        ("collections", {"variations": [{"segment": "s"}]}, {"variations": [{"segment": "s", "query": {"any": ["x"]}}]},
         ["variations: s: query: any tag: *x* added"], ["variaciones: s: la consulta: alguna etiqueta: se añade *x*"]),
        ("collections", {"hideSeen": "7d"}, {"hideSeen": "ever", "cap": {"limit": 3, "per": "day"}},
         ["hides what was seen was *7d*, now *ever*", "frequency cap: limit is now *3*",
          "frequency cap: per is now *day*"],
         ["oculta lo ya visto era *7d*, ahora *ever*", "límite de frecuencia: el límite es ahora *3*",
          "límite de frecuencia: por es ahora *day*"]),
        ("content", {"cap": {"gap": "2h"}}, {"cap": {"gap": "2h", "instead": "b"}, "priority": 5, "date": "2026-01-01"},
         ["frequency cap: shown instead is now *b*", "priority is now *5*", "date is now *2026-01-01*"],
         ["límite de frecuencia: en su lugar es ahora *b*", "la prioridad es ahora *5*",
          "la fecha es ahora *2026-01-01*"]),
        ("site", {}, {"pressure": [{"key": "p", "name": "Promotions", "cap": {"limit": 3, "per": "day"}}]},
         ["groups with a cap: *Promotions* added"], ["grupos con límite: se añade *Promotions*"]),
    ],
)  # fmt: skip
def test_lists_by_query_and_caps(kind: str, before: Any, after: Any, english: list[str], spanish: list[str]) -> None:
    assert lines(kind, before, after) == english
    assert lines(kind, before, after, "es") == spanish


@pytest.mark.parametrize(
    ("before", "after", "english", "spanish"),
    [
        (("new", None), ("live", {}), "Young (segment) was added.", "Young (segmento): es nuevo."),
        (("live", {}), ("deleted", None), "Young (segment) was deleted.", "Young (segmento): eliminado."),
        (("live", {}), ("archived", {}), "Young (segment) was archived.", "Young (segmento): archivado."),
        (("archived", {}), ("live", {}), "Young (segment) is back.", "Young (segmento): está de vuelta."),
        (("live", {"rule": "user.age < 26"}), ("live", {"rule": "user.age < 30", "description": "x"}),
         "Young: age was *below 26*, now *below 30*; description is now *x*.",
         "Young: age era *menor que 26*, ahora *menor que 30*; la descripción es ahora *x*."),
        (("live", {}), ("live", {}), "Young (segment): nothing that is seen.", "Young (segmento): nada que se vea."),
    ],
)  # fmt: skip
def test_sentences(before: Any, after: Any, english: str, spanish: str) -> None:
    old, new = ((state, None if body is None else {"name": "Young", **body}) for state, body in (before, after))
    for language, expected in (("en", english), ("es-MX", spanish), ("xx", english)):
        assert difference(("segments", "young"), old, new, NAMING, language).sentence == expected


def test_both_languages_say_the_same_things() -> None:
    english, spanish = LANGUAGES["en"], LANGUAGES["es"]
    own = re.compile(r"^past:")
    assert {key for key in english if not own.match(key)} == {key for key in spanish if not own.match(key)}
    for key in english:
        if not own.match(key):
            assert sorted(re.findall(r"{(\w+)}", english[key])) == sorted(re.findall(r"{(\w+)}", spanish[key])), key
    fields = {name for struct in KINDS.values() for name in struct.__struct_encode_fields__}
    assert not [name for name in fields - {"rule", "blocks", "block"} if f"label:{name}" not in english]


VALUES = st.recursive(
    st.booleans() | st.integers(-5, 5) | st.text("ab{}*", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=2),
    max_leaves=6,
)
BODIES = st.dictionaries(
    st.sampled_from(["name", "fields", "tags", "settings", "items", "values", "cap"]), VALUES, max_size=4
)


@settings(deadline=None, max_examples=300)
@given(BODIES, BODIES, st.sampled_from(["en", "es"]))
def test_whatever_is_different_is_told(before: Any, after: Any, language: str) -> None:
    found = told("content", before, after, language)
    assert bool(found.lines) == (before != after)
    assert all(line.strip() for line in found.lines)


@settings(deadline=None, max_examples=300)
@given(definitions(), definitions(), st.sampled_from(["en", "es"]))
def test_any_two_definitions_can_be_compared(one: AnyDefinition, other: AnyDefinition, language: str) -> None:
    before, after = body_of(one), body_of(other)
    found = told(kind_of(one), before, after if kind_of(one) == kind_of(other) else before, language)
    assert found.sentence.endswith(".")
