"""Who enters and who leaves: what is told before publishing equals the members before and after."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.decide.world import SITE
from tests.web.editing import Desk
from tests.web.shop import Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
PEOPLE = 24
RULES = (
    "user.balance >= 1_000",
    "user.balance >= 400 and user.balance < 1_700",
    'count("Bought", price > 10, within="7d") >= 2',
    'not segment("buyers") and user.balance > 300',
    'segment("rich") or segment("buyers")',
    'user.balance is None or on_list("guests")',
    "True",
    'count("Bought") == 0',
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with open_shop(tmp_path_factory.mktemp("own")) as shop:
        await crowd(shop)
        yield Desk(shop)


async def crowd(shop: Shop) -> None:
    """People with balances, purchases, and some who withhold a purpose."""
    batch: list[dict[str, Any]] = []
    for at in range(PEOPLE):
        who: dict[str, Any] = {"anonymousId": f"p{at}"}
        if at % 5 == 4:
            who["context"] = {"consent": {"categoryPreferences": {"personalization": False}}}
        if at % 4:
            batch.append({"type": "identify", **who, "traits": {"balance": 100 * at}})
        batch += [{"type": "track", **who, "event": "Bought", "properties": {"price": 5 * at}}] * (at % 4)
    for number, message in enumerate(batch):
        message = {**message, "messageId": f"m{number}"}
        answer = await shop.visitor.post("/v1/batch", json={"batch": [message], "writeKey": SITE.write_key})
        assert answer.status_code == 200, answer.text
    await shop.ask("segments/guests/members", anonymousIds=["p1", "p4", "p20"])
    await shop.ask("settle")


async def members(desk: Desk, key: str) -> set[str]:
    answer = await desk.shop.ask("members", rule=key, limit=1_000)
    return {one["profile"] for one in answer["members"]}


async def test_what_is_told_before_is_what_comes_about(desk: Desk) -> None:
    """`vips` changes; `lucky` names it, and `plain` has nothing to do with either."""
    await desk.save("segments/lucky", {"rule": 'segment("vips") and not segment("guests")'})
    await desk.save("segments/plain", {"rule": "user.balance > 700"})
    page = (await desk.get("definitions/pages/legal"))["body"]
    page["experiences"] = [{"key": "e", "segment": "lucky", "overrides": {}}]
    await desk.save("pages/legal", page)
    await desk.published("segments/lucky", "segments/plain", "pages/legal")
    for one, other in itertools.pairwise((*RULES, RULES[0])):
        body = {"rule": other, "static": "guests" not in other}
        await desk.save("segments/vips", body)
        told = await desk.preview("segments/vips")
        assert told["problems"] == [], (one, other)
        before = {key: await members(desk, key) for key in ("vips", "lucky", "plain")}
        await desk.published("segments/vips")
        after = {key: await members(desk, key) for key in ("vips", "lucky", "plain")}
        moves = {moved["key"]: moved for moved in told["affected"]["segments"]}
        assert set(moves) == {"vips", "lucky"} and before["plain"] == after["plain"]
        for key, moved in moves.items():
            assert (moved["before"], moved["after"]) == (len(before[key]), len(after[key])), (key, other)
            assert moved["entered"] == len(after[key] - before[key]), (key, other)
            assert moved["left"] == len(before[key] - after[key]), (key, other)
        assert moves["lucky"]["because"] == ["vips"] == moves["vips"]["because"]
        assert [(use["kind"], use["key"]) for use in told["affected"]["uses"]] == [("pages", "legal")]


async def test_who_comes_and_goes_with_a_segment(desk: Desk) -> None:
    await desk.save("segments/brief", {"name": "Brief", "rule": "user.balance > 1_000"})
    told = await desk.preview("segments/brief")
    [moved] = told["affected"]["segments"]
    await desk.published("segments/brief")
    there = await members(desk, "brief")
    assert (moved["before"], moved["entered"], moved["left"], moved["name"]) == (0, len(there), 0, "Brief") and there
    await desk.put("segments/brief", {"action": "archive"})
    told = await desk.preview("segments/brief")
    [moved] = told["affected"]["segments"]
    assert (moved["after"], moved["entered"], moved["left"]) == (0, 0, len(there))
    assert told["differences"][0]["sentence"] == "Brief (segment) was archived."


async def test_what_touches_no_segment_moves_nobody(desk: Desk) -> None:
    await desk.save("goals/g", {"event": "Bought"})
    found = (await desk.preview("goals/g"))["affected"]
    assert (found["segments"], found["uses"], found["notes"]) == ([], [], [])


async def test_very_large_rules_are_counted_in_smaller_parts(desk: Desk) -> None:
    names = [f"large{at}" for at in range(4)]
    for at, name in enumerate(names):
        rule = " or ".join(f"user.balance == {1_000 * at + number}" for number in range(1_200))
        await desk.save(f"segments/{name}", {"rule": rule})
    told = await desk.preview(*(f"segments/{name}" for name in names))
    moves = {one["key"]: one["entered"] for one in told["affected"]["segments"]}
    assert sorted(moves) == names and told["affected"]["notes"] == []
    assert moves["large0"] == len(await members(desk, "user.balance >= 0 and user.balance < 1_200"))
    await desk.clean()
