"""Slots on pages: they must be there, once, and hold no other slot; who uses them is known."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.catalog.check import check, fatal
from lenticular.catalog.rename import follow
from tests.catalog.test_references import uses
from tests.decide.world import catalog_of

PROMO: dict[str, Any] = {"kind": "slot", "position": "a", "settings": {"slot": "promo"}}


def page(blocks: dict[str, Any], **overrides: Any) -> dict[str, Any]:
    return {"path": "/", "blocks": blocks, "experiences": [{"key": "e", "overrides": overrides}]}


def found(blocks: dict[str, Any], overrides: dict[str, Any] | None = None, **slots: Any) -> list[tuple[str, str]]:
    parts = {
        "pages": {"home": page(blocks, **(overrides or {}))},
        "slots": {"promo": {"block": {"kind": "ad"}}, **slots},
    }
    return [(one.code.removeprefix("catalog."), one.place) for one in check(catalog_of(**parts))]


CASES: list[tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = [
    ({"a": PROMO}, {}, []),
    ({"a": {**PROMO, "settings": {"slot": "prom"}}}, {}, [("unknown-slot", "pages/home/blocks/a/settings/slot")]),
    ({"a": {**PROMO, "settings": {}}}, {}, []),
    ({"a": {**PROMO, "kind": "mine", "settings": {"slot": "prom"}}}, {}, []),
    (
        {"a": PROMO},
        {"a": {"settings": {"slot": "gone"}}},
        [("unknown-slot", "pages/home/experiences/0/overrides/a/settings/slot")],
    ),
    ({"a": PROMO, "b": PROMO}, {}, [("slot-twice", "pages/home/blocks/b/settings/slot")]),
    ({"a": PROMO, "b": {**PROMO, "hidden": True}}, {}, []),
    (
        {"a": PROMO, "b": {**PROMO, "hidden": True}},
        {"b": {"hidden": False}},
        [("slot-twice", "pages/home/experiences/0/overrides/b/settings/slot")],
    ),
]


@pytest.mark.parametrize(("blocks", "overrides", "expected"), CASES)
def test_pages(blocks: dict[str, Any], overrides: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(blocks, overrides) == expected


def test_the_nearest_names_are_told_and_it_is_not_published() -> None:
    parts = {
        "pages": {"home": page({"a": {**PROMO, "settings": {"slot": "prom"}}})},
        "slots": {"promo": {"block": {"kind": "ad"}}},
    }
    [problem] = fatal(check(catalog_of(**parts)))
    assert (problem.message, problem.hint) == ('There is no slot "prom".', "Did you mean promo?")
    twice = {"pages": {"home": page({"a": PROMO, "b": PROMO})}, "slots": {"promo": {"block": {"kind": "ad"}}}}
    assert fatal(check(catalog_of(**twice))) == [], "it is shown once, which does no harm"


def test_a_slot_holds_no_slot() -> None:
    inner = {"block": {"kind": "slot", "settings": {"slot": "promo"}}}
    assert [code for code, _ in found({}, inner=inner)] == ["slot-in-slot"]
    patched = {"block": {"kind": "ad"}, "experiences": [{"key": "e", "overrides": PROMO | {"position": "a"}}]}
    assert [code for code, _ in found({}, patched=patched)] == ["slot-in-slot"]


def test_who_shows_a_slot_is_known() -> None:
    assert uses("slots", "promo") == [
        ("pages", "home", "/blocks/s/settings/slot", ()),
        ("pages", "home", "/experiences/0/overrides/t/settings/slot", ()),
    ]
    assert uses("slots", "aside") == [("pages", "home", "/experiences/0/overrides/s/settings/slot", ())]


def test_pages_follow_a_new_key() -> None:
    body = page({"a": PROMO, "b": {"kind": "mine", "settings": {"slot": "promo"}}}, a={"settings": {"slot": "promo"}})
    after = follow("pages", body, {("slots", "promo"): "offers"}, {})
    assert after.targets == ("offers",)
    assert (
        after.body["blocks"]["a"]["settings"]
        == {"slot": "offers"}
        == after.body["experiences"][0]["overrides"]["a"]["settings"]
    )
    assert after.body["blocks"]["b"]["settings"] == {"slot": "promo"}, "another kind's setting is its own"
