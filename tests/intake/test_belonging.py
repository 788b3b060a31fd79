"""What a message says of organizations and of consent."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.errors import Problem
from lenticular.intake.message import accepted
from tests.intake.test_message import DOOR, take


def group(**fields: Any) -> dict[str, Any]:
    return {"type": "group", "userId": "u", "groupId": "acme", **fields}


def test_an_organizations_traits_are_typed_as_its_own() -> None:
    types = {("organization", "seats"): "number", ("user", "tier"): "number", ("event", "tier"): "date"}
    got = take(group(traits={"seats": "12", "tier": "gold", "old": None, "id": 5}, context={"traits": {"x": 1}}), types)
    assert got.event.properties == {"n_seats": 12.0, "t_tier": "gold"}
    assert (got.event.group_removed, got.event.removed, got.event.traits) == (("old",), (), {"n_x": 1.0})
    assert got.new == {("organization", "tier"): "text", ("user", "x"): "number"}


def test_leaving() -> None:
    assert take(group()).event.active
    assert not take(group(context={"active": False})).event.active
    assert take({"type": "identify", "userId": "u", "context": {"active": False}}).event.active


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({}, {}),
        ({"consent": None}, {}),
        ({"consent": {}}, {}),
        ({"consent": {"categoryPreferences": {"Advertising": "x"}}}, {}),
        ({"consent": {"categoryPreferences": {"analytics": True, "personalization": False, "x": True}}},
         {"analytics": True, "personalization": False}),
        ({"consent": {"categoryPreferences": {"analytics": None}}}, {}),
    ],
)  # fmt: skip
def test_consent(context: dict[str, Any], expected: dict[str, bool]) -> None:
    assert take({"type": "track", "event": "E", "userId": "u", "context": context}).event.consent == expected


def test_a_batchs_context_gives_consent_too() -> None:
    consent = {"consent": {"categoryPreferences": {"analytics": False}}}
    got = take({"type": "track", "event": "E", "userId": "u", "context": {"locale": "en"}}, context=consent)
    assert got.event.consent == {"analytics": False}


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (
            {"consent": {"categoryPreferences": {"analytics": "false"}}},
            "/context/consent/categoryPreferences/analytics",
        ),
        ({"consent": {"categoryPreferences": ["analytics"]}}, "/context/consent/categoryPreferences"),
        ({"consent": "no"}, "/context/consent/categoryPreferences"),
        ({"active": "no"}, "/context/active"),
    ],
)
def test_what_can_not_be_understood_is_refused_with_its_place(raw: dict[str, Any], place: str) -> None:
    refused = accepted(group(context=raw), {}, DOOR)
    assert isinstance(refused, Problem)
    assert (refused.place, bool(refused.hint)) == (place, True)
