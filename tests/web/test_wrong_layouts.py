"""Layouts that would contain themselves, by a patch of an experience: refused with the place, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.editing import Desk, problems, told
from tests.web.shop import Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
BLOCKS = {
    "outer": {"kind": "group", "position": "a"},
    "inner": {"kind": "group", "position": "b", "parent": "outer"},
    "text": {"kind": "text", "position": "c", "parent": "inner"},
}


@pytest.mark.parametrize(
    "overrides",
    [
        {"outer": {"parent": "inner"}},
        {"outer": {"parent": "text"}},
        {"outer": {"parent": "outer"}},
        {"new": {"kind": "group", "position": "d", "parent": "text"}, "outer": {"parent": "new"}},
        {
            "one": {"kind": "x", "position": "a", "parent": "two"},
            "two": {"kind": "x", "position": "a", "parent": "one"},
        },
    ],
)
async def test_a_patch_that_makes_a_circle_of_parents_is_refused(shop: Shop, overrides: dict[str, Any]) -> None:
    desk = Desk(shop)
    before = await desk.get("catalog")
    page = {"path": "/nested", "blocks": BLOCKS, "experiences": [{"key": "e", "overrides": overrides}]}
    draft = await desk.save("pages/nested", page)
    try:
        assert "catalog.parent" in [one["code"] for one in draft["problems"]], "told while it is edited"
        answer = await desk.publish("pages/nested")
        assert "catalog.parent" in told(answer, 422)
        first = next(one for one in problems(answer) if one["code"] == "catalog.parent")
        assert (
            first["place"].startswith("pages/nested/experiences/0/overrides/") and "contains itself" in first["message"]
        )
        assert await desk.get("catalog") == before
    finally:
        await desk.clean()
