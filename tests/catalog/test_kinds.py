"""Vocabularies, content types, personas and goals: what is right, and each way to be wrong."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import check, fatal
from tests.decide.world import catalog_of

FIELDS: list[dict[str, Any]] = [
    {"key": "title", "type": "text", "required": True, "localized": True},
    {"key": "price", "type": "number"},
    {"key": "images", "type": "list", "of": "image"},
    {"key": "more", "type": "list", "of": "reference", "to": "offer"},
    {"key": "until", "type": "date"},
    {"key": "on", "type": "boolean"},
    {"key": "link", "type": "link"},
]
TIERS = [{"value": "gold"}, {"value": "base"}]
ANA = {"traits": {"age": 21, "odd": [1]}, "country": "ES", "time": "2026-11-27", "segments": ["gold"]}
PARTS: dict[str, Any] = {
    "properties": {
        "user.tier": {
            "scope": "user",
            "name": "tier",
            "type": "text",
            "values": [{"value": "gold"}, {"value": "base"}],
        },
        "user.age": {"scope": "user", "name": "age", "type": "number"},
        "event.price": {"scope": "event", "name": "price", "type": "number"},
        "event.category": {"scope": "event", "name": "category", "type": "text"},
    },
    "segments": {"gold": {"rule": 'user.tier == "gold"'}},
    "types": {"offer": {"fields": FIELDS}},
    "content": {
        "card": {
            "type": "offer",
            "fields": {
                "title": {"en": "Card", "es-MX": "Tarjeta"},
                "price": 4.5,
                "images": ["/a.png", {"src": "/b.png", "alt": "B"}],
                "more": ["loan"],
                "until": "2026-12-31",
                "on": False,
                "link": {"url": "/", "label": "Home"},
            },
        },
        "loan": {"type": "offer", "fields": {"title": {"en": "Loan"}}},
        "note": {"type": "note", "fields": {"anything": None}},
    },
    "personas": {
        "ana": {"traits": {"age": 21, "odd": [1]}, "country": "ES", "time": "2026-11-27", "segments": ["gold"]}
    },
    "goals": {
        "bought": {"event": "Bought", "where": 'category == "shoes"', "value": "price"},
        "seen": {"event": 'Seen "it"'},
    },
}


def changed(path: str, value: Any) -> Catalog:
    parts = msgspec.json.decode(msgspec.json.encode(PARTS))
    at: Any = parts
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in steps:
        at = at[step]
    at[last] = value
    return catalog_of(**parts)


def test_all_kinds_can_be_right() -> None:
    assert check(catalog_of(**PARTS)) == []


@pytest.mark.parametrize(
    ("path", "value", "code", "place"),
    [
        ("properties/user.tier/values/1/value", 5, "vocabulary", "properties/user.tier/values/1/value"),
        ("properties/user.tier/values/1/value", "gold", "vocabulary", "properties/user.tier/values/1/value"),
        ("types/offer/fields/1/key", "1st", "key", "types/offer/fields/1/key"),
        ("types/offer/fields/1/key", "title", "duplicate-field", "types/offer/fields/1/key"),
        ("types/offer/fields/1/of", "text", "field", "types/offer/fields/1/of"),
        ("types/offer/fields/1/to", "offer", "field", "types/offer/fields/1/to"),
        ("types/offer/fields/3/to", "ofer", "unknown-content-type", "types/offer/fields/3/to"),
        ("content/card/fields/title", "Card", "value", "content/card/fields/title"),
        ("content/card/fields/title", {"en": 5}, "value", "content/card/fields/title/en"),
        ("content/card/fields/title", {"not a tag": "x"}, "language", "content/card/fields/title/not a tag"),
        ("content/card/fields/title", {}, "missing-field", "content/card/fields"),
        ("content/loan/fields/titel", {"en": "x"}, "unknown-field", "content/loan/fields/titel"),
        ("content/card/fields/price", "4.5", "value", "content/card/fields/price"),
        ("content/card/fields/price", True, "value", "content/card/fields/price"),
        ("content/card/fields/images", "a.png", "value", "content/card/fields/images"),
        ("content/card/fields/images/1", {"alt": "B"}, "value", "content/card/fields/images/1"),
        ("content/card/fields/more/0", "laon", "unknown-content-item", "content/card/fields/more/0"),
        ("content/card/fields/more/0", "note", "value", "content/card/fields/more/0"),
        ("content/card/fields/until", "2026-02-30", "value", "content/card/fields/until"),
        ("content/card/fields/on", 1, "value", "content/card/fields/on"),
        ("content/card/fields/link", {"label": "x"}, "value", "content/card/fields/link"),
        ("personas/ana/traits/age", "21", "persona", "personas/ana/traits/age"),
        ("personas/ana/country", "Spain", "persona", "personas/ana/country"),
        ("personas/ana/time", "soon", "moment", "personas/ana/time"),
        ("personas/ana/segments/0", "glod", "unknown-segment", "personas/ana/segments/0"),
        ("goals/bought/event", "", "goal", "goals/bought/event"),
    ],
)
def test_every_way_to_be_wrong(path: str, value: Any, code: str, place: str) -> None:
    [problem, *more] = fatal(check(changed(path, value)))
    assert (problem.code, problem.place) == (f"catalog.{code}", place)
    assert not more or path.startswith("types/")  # what is wrong with a type, its items don't fit


@pytest.mark.parametrize(
    ("where", "value", "place"),
    [
        ("category = 5", None, "goals/bought/where, line 1, column 1"),
        ('categry == "shoes"', None, ""),
        ("user.age > 5", None, "goals/bought/where, line 1, column 1"),
        ('category == "shoes" and price > "x"', "price", "goals/bought/where, line 1, column 33"),
        ("", "category", "goals/bought/value"),
    ],
)
def test_a_goals_filter_is_a_rule(where: str, value: str | None, place: str) -> None:
    goal = {"event": "Bought", "where": where, **({"value": value} if value else {})}
    found = fatal(check(changed("goals/bought", goal)))
    assert [problem.place for problem in found] == ([place] if place else [])


def test_a_rule_that_asks_for_a_word_of_no_vocabulary_is_told() -> None:
    [problem] = check(changed("segments/gold/rule", 'user.age > 3 and user.tier in ["gold", "gld"]'))
    assert problem.code == "catalog.not-in-vocabulary" and not fatal([problem])
    assert problem.place == "segments/gold/rule, line 1, column 18" and problem.hint == "Did you mean gold?"
