"""What only servers may write: a visitor's word for it is kept, under a name of its own, and moves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.intake.message import Accepted
from tests.intake.test_message import take

GUARDED = frozenset(
    {("user", "plan"), ("user", "shirt.size"), ("event", "price"), ("session", "branch"), ("organization", "tier")}
)
TYPES = {("user", "plan"): "text", ("event", "price"): "number"}


def said(raw: dict[str, Any], guarded: frozenset[tuple[str, str]] = GUARDED) -> Accepted:
    return take({"anonymousId": "a", **raw}, dict(TYPES), guarded=guarded)


def test_traits_are_set_aside_and_never_removed() -> None:
    got = said({"type": "identify", "traits": {"plan": "gold", "shirt": {"size": 9, "cut": "x"}, "name": None}})
    assert got.event.traits == {"t_untrusted~2Eplan": "gold", "n_untrusted~2Eshirt~2Esize": 9.0, "t_shirt~2Ecut": "x"}
    assert got.event.removed == ("name",)
    assert got.new == {
        ("user", "untrusted.plan"): "text",
        ("user", "untrusted.shirt.size"): "number",
        ("user", "shirt.cut"): "text",
    }
    assert said({"type": "identify", "traits": {"plan": None}}).event.removed == ()


@pytest.mark.parametrize("value", ["gold", 5, True, "2026-01-31", ["gold"], [{"a": 1}], {"a": "gold"}])
def test_whatever_its_type(value: Any) -> None:
    guarded = frozenset({*GUARDED, ("user", "plan.a")})
    got = said({"type": "identify", "traits": {"plan": value}}, guarded)
    assert [key[2:].startswith("untrusted~2Eplan") for key in got.event.traits] == [True]


def test_wherever_it_is_said() -> None:
    about = {"traits": {"plan": "gold"}, "custom": {"branch": "Ribeira", "desk": "4"}}
    event = said({"type": "track", "event": "Bought", "properties": {"price": 5, "plan": "x"}, "context": about}).event
    assert event.properties == {"n_untrusted~2Eprice": 5.0, "t_plan": "x"}
    assert event.traits == {"t_untrusted~2Eplan": "gold"}
    assert event.session == {"t_untrusted~2Ebranch": "Ribeira", "t_desk": "4"}
    group = said({"type": "group", "groupId": "g", "traits": {"tier": "gold", "price": 5}}).event
    assert group.properties == {"t_untrusted~2Etier": "gold", "n_price": 5.0}


def test_a_server_may() -> None:
    got = said({"type": "identify", "traits": {"plan": "gold"}}, frozenset())
    assert got.event.traits == {"t_plan": "gold"}
