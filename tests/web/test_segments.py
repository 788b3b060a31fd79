"""The list of segments, static lists beside rules, purposes and trust: from the catalog to the answer, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tests.web.shop import PARTS, Shop, open_shop, shop_catalog
from tests.web.test_api import problems

pytestmark = pytest.mark.asyncio(loop_scope="session")
SEGMENTS = {
    **PARTS["segments"],
    "gold": {"name": "Gold", "rule": 'user.tier == "gold"'},
    "gold-guests": {"name": "Gold guests", "rule": 'segment("gold") and on_list("guests")'},
    "readers": {"name": "Readers", "rule": 'count("Read", pages > 3) >= 1 and user.score > 2'},
}
PROPERTIES = {
    **PARTS["properties"],
    "user.tier": {"scope": "user", "name": "tier", "type": "text", "trusted": True},
    "user.score": {"scope": "user", "name": "score", "type": "number", "purpose": "analytics"},
    "session.branch": {"scope": "session", "name": "branch", "type": "text", "purpose": "analytics", "trusted": True},
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("own")) as shop:
        await publish(shop)
        yield shop


async def publish(shop: Shop, status: int = 200, **segments: dict[str, Any]) -> Any:
    catalog = shop_catalog(segments={**SEGMENTS, **segments}, properties=PROPERTIES)
    answer = await shop.admin.put("/api/sites/shop/catalog", json=msgspec.to_builtins(catalog))
    assert answer.status_code == status, answer.text
    return answer.json()


async def listed(shop: Shop, **query: Any) -> Any:
    answer = await shop.admin.get("/api/sites/shop/segments", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_segment_with_what_it_needs(own: Shop) -> None:
    page = await listed(own)
    found = {one["key"]: one for one in page["segments"]}
    assert (list(found), page["next"]) == (sorted(SEGMENTS), None)
    assert {one["state"] for one in found.values()} == {"live"}
    assert found["rich"] == {
        **{"key": "rich", "name": "Rich", "description": "", "rule": "user.balance >= 1_000", "static": False},
        **{"sentence": "Balance is at least 1,000.", "untrusted": True, "purposes": ["personalization"]},
        **{"state": "live", "progress": 1.0},
        **{"uses": {"segments": [], "lists": [], "properties": ["user.balance"], "events": []}, "size": None},
    }
    assert (found["guests"]["rule"], found["guests"]["static"]) == ("", True)
    assert found["vips"]["rule"] == "user.balance >= 100_000"
    assert found["vips"]["sentence"] == "Is on the list of VIPs or balance is at least 100,000."
    assert {key: one["untrusted"] for key, one in found.items() if "g" in key} == {
        "gold": False,
        "gold-guests": False,
        "guests": False,
    }
    assert found["gold-guests"]["uses"]["segments"] == ["gold"] and found["gold-guests"]["uses"]["lists"] == ["guests"]
    assert found["readers"]["uses"]["events"] == ["Read"]
    assert found["readers"]["uses"]["properties"] == ["event.pages", "user.score"]
    assert found["readers"]["purposes"] == ["analytics", "personalization"]
    assert (found["students"]["purposes"], found["guests"]["purposes"]) == ([], [])


async def test_a_segment_whose_past_is_being_counted_says_so(own: Shop) -> None:
    await own.track(own.someone(), "Skimmed")
    await own.ask("settle")
    await own.installation.child.stop()
    try:
        await publish(own, skimmers={"rule": 'count("Skimmed") >= 2 and user.score > 2'}, plain={"rule": "True"})
        found = {one["key"]: one for one in (await listed(own))["segments"]}
        assert (found["skimmers"]["state"], found["skimmers"]["progress"]) == ("preparing", 0.0)
        assert (found["plain"]["state"], found["plain"]["progress"]) == ("live", 1.0)
    finally:
        await own.installation.child.start()
    async with asyncio.timeout(20):
        while (await listed(own, after="rich", limit=1))["segments"][0]["state"] != "live":
            await asyncio.sleep(0.05)
    await publish(own)


async def test_pages_hold_every_segment_once(own: Shop) -> None:
    keys: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await listed(own, after=after, limit=3)
        keys += [one["key"] for one in page["segments"]]
        after = page["next"]
    assert keys == sorted(SEGMENTS)
    [rich] = [one for one in (await listed(own, language="es"))["segments"] if one["key"] == "rich"]
    assert rich["sentence"] == "Balance es al menos 1.000."


async def test_members_by_hand_beside_the_rule(own: Shop) -> None:
    by_hand, by_rule, neither = (own.someone() for _ in range(3))
    for me, balance in ((by_hand, 5), (by_rule, 200_000), (neither, 5)):
        body = {"anonymousId": me, "traits": {"balance": balance}, "writeKey": "w"}
        assert (await own.visitor.post("/v1/identify", json=body)).status_code == 200
    answer = await own.admin.post("/api/sites/shop/segments/vips/members", json={"anonymousIds": [by_hand]})
    assert answer.status_code == 200
    await own.ask("settle")
    found = [one["anonymousIds"][0] for one in (await own.ask("members", rule="vips"))["members"]]
    assert found == [by_hand, by_rule]
    for me, member in ((by_hand, True), (by_rule, True), (neither, False)):
        assert (await own.ask("explain", rule="vips", anonymousId=me))["member"] is member
    assert (await own.ask("sentence", rule="vips"))["text"] == "user.balance >= 100_000"
    assert (await own.ask("sentence", rule="guests")) == {"sentence": "Is on the list of Guests.", "text": ""}


async def test_a_segment_without_a_list(own: Shop) -> None:
    [problem] = await problems(own, 422, "POST", "/api/sites/shop/segments/rich/members", {"userIds": ["u"]})
    assert "static: true" in problem["hint"]
    # Whoever was put there before can still be taken off.
    answer = await own.admin.post("/api/sites/shop/segments/rich/members", json={"userIds": ["u"], "remove": True})
    assert answer.status_code == 200
    [problem] = await problems(own, 422, "POST", "/api/sites/shop/count", {"rule": 'True and on_list("rich")'})
    assert (problem["place"], "static list" in problem["message"]) == ("line 1, column 10", True)
    refused = await publish(own, 422, readers={"rule": 'user.score > 2 and on_list("rich")'}, empty={"rule": " "})
    said = {one["place"]: one["message"] for one in refused["problems"]}
    assert said["segments/readers/rule, line 1, column 28"] == 'The segment "rich" has no static list.'
    assert said["segments/empty/rule"] == "This segment has neither a rule nor a static list."


async def send(shop: Shop, path: str, key: str = "w", **body: Any) -> None:
    answer = await shop.visitor.post(path, json=body, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 200, answer.text


async def test_only_servers_write_what_is_trusted(own: Shop) -> None:
    me = own.someone()

    async def gold() -> bool:
        return bool((await own.ask("explain", rule="gold", anonymousId=me))["member"])

    await send(own, "/v1/identify", anonymousId=me, traits={"tier": "gold", "score": 3})
    await send(own, "/v1/track", anonymousId=me, event="Hi", context={"traits": {"tier": "gold"}})
    assert not await gold()
    await own.ask("settle")
    said = await own.ask("members", rule='user["untrusted.tier"] == "gold"', fields=["user.tier", "user.score"])
    assert [one["fields"] for one in said["members"]] == [{"user.tier": None, "user.score": 3.0}]
    await send(own, "/v1/identify", "hidden", anonymousId=me, traits={"tier": "gold"})
    assert await gold()
    for forged in ("tin", None):
        own.now += 1_000
        await send(own, "/v1/identify", anonymousId=me, traits={"tier": forged})
        assert await gold()


async def test_a_decision_does_not_believe_it_either(own: Shop) -> None:
    rule = 'session.branch == "Ribeira"'
    for key, member in (("w", False), ("hidden", True)):
        me = own.someone()
        asked = {"site": "shop", "page": "/", "anonymousId": me, "context": {"custom": {"branch": "Ribeira"}}}
        await send(own, "/v1/decide", key, **asked)
        await own.settled()
        assert (await own.ask("explain", rule=rule, anonymousId=me))["member"] is member
        await send(own, "/v1/page", key, anonymousId=me, context={"custom": {"branch": "Ribeira"}})
        assert (await own.ask("explain", rule=rule, anonymousId=me))["member"] is member


async def test_a_withheld_purpose_that_a_property_names(own: Shop) -> None:
    me = own.someone()
    consent = {"consent": {"categoryPreferences": {"analytics": False, "personalization": True}}}
    await send(own, "/v1/identify", anonymousId=me, traits={"score": 9, "balance": 5_000}, context=consent)
    await send(own, "/v1/track", anonymousId=me, event="Read", properties={"pages": 4})
    await own.ask("settle")
    for rule, member in (("readers", False), ("rich", True), ("user.score > 2", False), ("user.balance > 2", True)):
        explained = await own.ask("explain", rule=rule, anonymousId=me)
        assert explained["member"] is member, rule
        assert explained["why"].get("withheld", []) == ([] if member else ["analytics"])
        found = (await own.ask("members", rule=rule, limit=1_000))["members"]
        assert any(one["anonymousIds"] == [me] for one in found) is member, rule
