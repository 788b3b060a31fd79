"""What is said of the kinds and settings of a catalog's blocks, where, and that it stands against nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.app.block_kinds import block_kinds
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.check import fatal
from lenticular.catalog.check_kinds import check_kinds
from lenticular.errors import Problem
from tests.decide.world import catalog_of

HERO = {"kind": "hero", "position": "a", "settings": {"title": "Hi"}}


def found(blocks: dict[str, Any], overrides: dict[str, Any] | None = None, free: bool = False) -> list[Problem]:
    experiences = [{"key": "e", "overrides": overrides}] if overrides is not None else []
    catalog = catalog_of(pages={"home": {"path": "/", "blocks": blocks, "experiences": experiences}})
    return checked(catalog, free)


def checked(catalog: Catalog, free: bool = False) -> list[Problem]:
    site = msgspec.structs.replace(catalog.site, block_kinds="free" if free else "checked")
    return check_kinds(msgspec.structs.replace(catalog, site=site), block_kinds())


def told(problems: list[Problem]) -> list[tuple[str, str]]:
    assert not fatal(problems)
    return [(one.code.removeprefix("catalog."), one.place.removeprefix("pages/home/")) for one in problems]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ({"h": HERO}, []),
        ({"h": {"kind": "hreo"}}, [("unknown-kind", "blocks/h/kind")]),
        ({"h": {"kind": ""}}, []),  # said already
        ({"h": {**HERO, "settings": {"titel": "x"}}}, [("block-settings", "blocks/h/settings/titel")]),
        ({"h": {**HERO, "settings": {"action": {"label": 5}}}}, [("block-settings", "blocks/h/settings/action/label")]),
        ({"h": {**HERO, "settings": {"level": 9}}}, [("block-settings", "blocks/h/settings/level")]),
        ({"h": {**HERO, "collection": "c"}}, [("block-collection", "blocks/h/collection")]),
        ({"c": {"kind": "card-list", "collection": "c"}}, []),
        ({"h": HERO, "s": {"kind": "spacer", "parent": "h"}}, [("block-parent", "blocks/s/parent")]),
        ({"h": {"kind": "section"}, "s": {"kind": "spacer", "parent": "h"}}, []),
    ],
)
def test_what_is_wrong_with_a_default(blocks: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert told(found(blocks)) == expected
    assert found(blocks, free=True) == []


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({"h": {"settings": {"title": "Other"}}}, []),
        ({"h": {"settings": {"titel": "x"}}}, [("block-settings", "h/settings/titel")]),
        ({"h": {"kind": "hreo"}}, [("unknown-kind", "h/kind")]),
        ({"n": {"kind": "banner", "settings": {"tone": "loud"}}}, [("block-settings", "n/settings/tone")]),
        ({"h": None}, []),
    ],
)
def test_what_is_wrong_with_an_experience(overrides: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    place = "experiences/0/overrides/"
    assert told(found({"h": HERO}, overrides)) == [(code, place + where) for code, where in expected]


def test_what_is_wrong_with_the_default_is_not_said_again_for_each_experience() -> None:
    wrong = {"h": {**HERO, "settings": {"titel": "x"}}}
    assert told(found(wrong, {"h": {"settings": {"text": "y"}}})) == [("block-settings", "blocks/h/settings/titel")]


def test_slots_are_checked_too() -> None:
    slot = {
        "block": {"kind": "offre"},
        "experiences": [{"key": "e", "overrides": {"kind": "offer", "settings": {"a": 1}}}],
    }
    problems = checked(catalog_of(slots={"promo": slot}))
    assert [(one.code, one.place) for one in problems] == [
        ("catalog.unknown-kind", "slots/promo/block/kind"),
        ("catalog.block-settings", "slots/promo/experiences/0/overrides/settings/a"),
    ]
    assert problems[0].hint.startswith("Did you mean offer?") and "blockKinds: free" in problems[0].hint
