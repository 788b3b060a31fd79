"""What can never be shown, proven from rules, and how it is said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import check

SEGMENTS = {
    "students": {"name": "Students", "rule": "18 <= user.age_years < 26"},
    "young": {"name": "Young", "rule": "user.age_years < 30"},
    "others": {"name": "Others", "rule": "user.age_years >= 30"},
    "buyers": {"rule": 'count("Ordered", within="30d") >= 1'},
    "fans": {"rule": 'count("Ordered", within="7d") >= 3'},
    "nobody": {"rule": "user.age_years > 5 and user.age_years < 3"},
    "wrong": {"rule": "user.age_years >"},
    "known": {"rule": "user.age_years is not None"},
    "mailed": {"rule": 'user.age_years > 18 or user.email == "a"'},
}


def catalog(**parts: Any) -> Catalog:
    """Return a catalog with the segments above and some parts of one's own."""
    segments = {key: {"key": key, **one} for key, one in SEGMENTS.items()}
    properties = {
        "user.age_years": {"scope": "user", "name": "age_years", "type": "number"},
        "user.email": {"scope": "user", "name": "email", "type": "text", "purpose": "analytics"},
    }
    site = {"key": "shop", "timezone": "UTC", "writeKey": "w"}
    return msgspec.convert({"site": site, "segments": segments, "properties": properties, **parts}, Catalog)


def warned(language: str = "en", **parts: Any) -> list[tuple[str, str]]:
    """Return the place and message of each warning."""
    problems = check(catalog(**parts), language=language)
    return [(one.place, one.message) for one in problems if one.code == "catalog.never-shown"]


def page(*experiences: str | dict[str, Any]) -> dict[str, Any]:
    """Return the part of a catalog that is a page with experiences for segments."""
    told = [
        {"key": f"e{at}", **({"segment": one} if isinstance(one, str) else one)} for at, one in enumerate(experiences)
    ]
    return {"home": {"key": "home", "path": "/", "experiences": told}}


@pytest.mark.parametrize(
    ("experiences", "says"),
    [
        (["young", "students"], ["e1 is never shown: everyone in it matches e0 (1) above."]),
        (["students", "young"], []),
        (["buyers", "fans"], ["e1 is never shown: everyone in it matches e0 (1) above."]),
        (["young", "buyers", "others", "known"], ["e3 is never shown: everyone in it matches e0 (1) or e2 (3) above."]),
        (["nobody"], ["e0 is never shown: nobody can be in nobody, whose rule contradicts itself."]),
        ([{}, "young"], ["e1 is never shown: everyone sees e0 (1) above."]),
        (["wrong", "young"], []),
        (["mailed", "others"], []),  # who withholds analytics is in the lower one alone
        ([{"segment": "young", "schedule": {"start": "2026-11-01"}}, "students"], []),
        ([{"segment": "young", "name": "Young people"}, "students"],
         ["e1 is never shown: everyone in it matches Young people (1) above."]),
    ],
)  # fmt: skip
def test_of_a_page(experiences: list[Any], says: list[str]) -> None:
    assert [message for _, message in warned(pages=page(*experiences))] == says


def test_in_spanish_and_with_its_place() -> None:
    assert warned("es", pages=page("young", "students")) == [
        ("pages/home/experiences/1", "e1 no se muestra nunca: quien está en su segmento ve antes e0 (1).")
    ]


@pytest.mark.parametrize(
    ("variations", "says"),
    [
        ([("young", "ab"), ("students", "a")],
         ["The variation for Students is never shown: everyone in it matches Young (1) above, with its items."]),
        ([("young", "a"), ("students", "ab")], []),  # once the first has nothing to show, the second may
        ([("nobody", "a")], ["The variation for nobody is never shown: the rule of nobody contradicts itself."]),
        ([("young", "a"), ("others", "ab"), ("known", "a")],
         ["The variation for known is never shown: everyone in it matches Young (1) or Others (2) above, with "
          "its items."]),
    ],
)  # fmt: skip
def test_of_a_collection(variations: list[tuple[str, str]], says: list[str]) -> None:
    told = [{"segment": segment, "items": list(items)} for segment, items in variations]
    content = {key: {"key": key, "type": "offer"} for key in "ab"}
    offers = {"offers": {"key": "offers", "items": ["a"], "variations": told}}
    assert [message for _, message in warned(collections=offers, content=content)] == says
