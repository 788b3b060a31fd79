"""Recorded visits decided again: as they were decided then, and with drafts beside."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.web.editing import Desk, told
from tests.web.shop import HOUR, NOON, Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATHS = ("/", "/college/fees", "/shoes", "/legal")
Seen = dict[str, list[str | None]]
"""The experiences that decisions chose as visits began, of the slot and of the page."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def visited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Desk, Seen]]:
    """A shop that forty people visited for five days, and what decisions were when visits began."""
    async with open_shop(tmp_path_factory.mktemp("own")) as shop:
        desk = Desk(shop)
        experiences = [
            {"key": "stopped", "segment": "stopped"},
            {"key": "students", "segment": "students"},
            {"key": "buyers", "segment": "buyers", "schedule": {"end": "2026-11-27"}},
            {"key": "rich", "segment": "rich"},
            {"key": "fans", "segment": "fans"},
        ]
        await desk.save("segments/stopped", {"rule": 'last_time("Bought") < ago("2d")'}, 0)
        await desk.save("segments/fans", {"rule": 'user.interests.has("presents") and not session.pages > 99'}, 0)
        await desk.save("slots/promo", {"block": {"kind": "ad"}, "experiences": experiences})
        await desk.save("pages/home", {"path": "/", "experiences": experiences})
        await desk.save("pages/college", {"path": "/college/:what", "experiences": experiences})
        await desk.published("segments/stopped", "segments/fans", "slots/promo", "pages/home", "pages/college")
        yield desk, await _visits(shop)


async def _visits(shop: Shop) -> Seen:
    dice, decided = Random(5), Seen(slot=[], page=[])
    balances = {f"p{at}": 500 * at for at in range(40) if at % 3 == 0}
    for who, balance in balances.items():
        body = {"anonymousId": who, "traits": {"balance": balance}, "writeKey": "w-shop"}
        body["writeKey"] = shop.site.engine.catalog.site.write_key
        assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200
    for step in range(60):
        shop.now = NOON + step * 2 * HOUR
        for who in dice.sample([f"p{at}" for at in range(40)], 4):
            await _visit(shop, who, dice.choice(PATHS), decided)
            for _ in range(dice.randrange(3)):
                properties = {"price": dice.randrange(20), "topics": dice.sample(["presents", "shoes"], 1)}
                properties |= {"boxes": [{"size": dice.randrange(9)}], "box size": dice.randrange(9)}
                url = f"https://shop.example{dice.choice(PATHS[1:])}"
                await shop.track(who, "Bought", properties=properties, context={"page": {"url": url}})
                shop.now += 1_000
    for who in ("once", "again"):  # of whom it turns out that they are one
        await _visit(shop, who, "/legal", decided)
    for who in ("once", "again"):
        body = {"anonymousId": who, "userId": "u1", "writeKey": shop.site.engine.catalog.site.write_key}
        assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200
    await shop.settled()
    shop.now += 60_000
    return decided


async def _visit(shop: Shop, who: str, path: str, decided: Seen) -> None:
    answer = await shop.decide(who, page="/", slots=["promo"], context={"url": f"https://shop.example{path}"})
    decided["slot"].append(answer["slots"]["promo"]["experience"])
    if path == "/":
        decided["page"].append(answer["page"]["experience"])
    shop.now += 1_000


async def ask(desk: Desk, what: str, **body: Any) -> Any:
    answer = await desk.ask("POST", what, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("where", [{"slot": "promo"}, {"page": "/"}])
async def test_the_same_catalog_shows_what_was_decided(visited: tuple[Desk, Seen], where: dict[str, str]) -> None:
    desk, seen = visited
    decided = seen[next(iter(where))]
    found = await ask(desk, "simulate?language=es", **where, days=7)
    assert found["visits"] == len(decided) and found["share"] == 1
    flows = {(one["before"], one["after"]): one["visits"] for one in found["flows"]}
    assert flows == {(key, key): count for key, count in Counter(decided).items()}
    assert {None, "stopped", "buyers", "rich", "fans"} <= set(decided)
    assert found["sentences"][0] == f"Las {len(decided)} visitas habrían visto lo que vieron."
    assert "traits" in found["asOfNow"] and found["measured"]


async def test_the_visits_of_a_page_whose_path_is_a_pattern(visited: tuple[Desk, Seen]) -> None:
    desk, _ = visited
    found = await ask(desk, "simulate", page="/college/:what", days=7)
    every = await ask(desk, "simulate", slot="promo", days=7)
    assert 0 < found["visits"] < every["visits"]
    assert {one["before"] for one in found["flows"]} >= {"students"}


@pytest.mark.parametrize(
    ("some", "none"),
    [
        ({"items": ["gift"]}, {"items": []}),
        ({"query": {"all": ["presents"]}}, {"query": {"all": ["what no item has"]}}),
    ],
)
async def test_the_variations_of_a_collection(visited: tuple[Desk, Seen], some: Any, none: Any) -> None:
    desk, seen = visited
    variations = [{"segment": "rich", **some}, {"segment": "buyers", **none}]
    await desk.save("collections/offers", {"items": ["card", "gift"], "variations": variations})
    try:
        found = await ask(desk, "simulate", collection="offers", drafts=["collections/offers"])
    finally:
        await desk.clean()
    flows = {(one["before"], one["after"]): one["visits"] for one in found["flows"]}
    assert sum(flows.values()) == len(seen["slot"])
    assert {before for before, _ in flows} == {None, "buyers"} and {after for _, after in flows} == {None, "rich"}
    assert [(one["key"], one["name"], one["never"]) for one in found["experiences"]] == [
        ("buyers", "Buyers", True),
        ("rich", "Rich", False),
        (None, "", False),
    ]


@pytest.mark.parametrize("large", ["boxes.any(size > 5)", 'field["box size"] > 5'])
async def test_rules_read_what_they_ask_for(visited: tuple[Desk, Seen], large: str) -> None:
    desk, seen = visited
    await desk.save("segments/students", {"rule": f'count("Bought", {large}, within="7d") >= 1'})
    try:
        found = await ask(desk, "simulate", slot="promo", drafts=["segments/students"])
    finally:
        await desk.clean()
    before = Counter[str | None]()
    for one in found["flows"]:
        before[one["before"]] += one["visits"]
    assert before == Counter(seen["slot"])
    assert [one for one in found["flows"] if one["before"] is None and one["after"] == "students"]


async def test_of_very_many_visits_a_share_is_looked_at(
    visited: tuple[Desk, Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, seen = visited
    monkeypatch.setattr("lenticular.app.simulate.MOST_VISITS", 100)
    found = await ask(desk, "simulate", slot="promo")
    assert found["share"] == pytest.approx(1 / 3)
    assert 0 < found["visits"] < len(seen["slot"]) == 242


async def test_a_draft_moves_visits_from_one_experience_to_another(visited: tuple[Desk, Seen]) -> None:
    desk, decided = visited[0], visited[1]["slot"]
    await desk.save("segments/students", {"rule": "not True"})
    try:
        found = await ask(desk, "simulate", slot="promo", drafts=["segments/students"])
    finally:
        await desk.clean()
    was = sum(one["visits"] for one in found["flows"] if one["before"] == "students")
    assert was == decided.count("students") > 0
    assert not [one for one in found["flows"] if one["after"] == "students"]
    assert all(one["before"] == one["after"] for one in found["flows"] if one["before"] != "students")
    [students] = [one for one in found["experiences"] if one["key"] == "students"]
    assert found["sentences"][-1] == (
        "students would not have been shown to anybody in the last 7 days (measured, not proven)."
    )
    lost = next(one for one in found["flows"] if (one["before"], one["after"]) == ("students", None))
    sentence = f"Of {was} visits that saw students, {lost['visits']} would have seen the default."
    assert sentence in found["sentences"]
    assert students == {"key": "students", "name": "students", "visits": 0, "liveVisits": was, "never": True}


async def test_reach_in_another_order(visited: tuple[Desk, Seen]) -> None:
    desk, decided = visited[0], visited[1]["slot"]
    order = ["rich", "students", "buyers", "fans", "stopped"]
    found = await ask(desk, "reach", slot="promo", order=order)
    reached = {one["key"]: one for one in found["experiences"]}
    assert {key: one["liveVisits"] for key, one in reached.items()} == Counter(decided)
    assert reached["rich"]["visits"] > reached["rich"]["liveVisits"]
    assert sum(one["visits"] for one in reached.values()) == len(decided)
    assert not reached["rich"]["never"] and not reached[None]["never"]


@pytest.mark.parametrize(
    ("what", "body", "status", "code"),
    [
        ("simulate", {}, 422, "simulate.where"),
        ("simulate", {"page": "/", "slot": "promo"}, 422, "simulate.where"),
        ("simulate", {"slot": "gone"}, 422, "simulate.unknown-slot"),
        ("simulate", {"collection": "gone"}, 422, "simulate.unknown-collection"),
        ("simulate", {"page": "/gone"}, 422, "simulate.unknown-page"),
        ("simulate", {"slot": "promo", "days": 0}, 422, "simulate.days"),
        ("simulate", {"slot": "promo", "drafts": ["segments/none"]}, 404, "draft.unknown"),
        ("reach", {"order": []}, 422, "simulate.where"),
        ("reach", {"page": "/gone", "order": []}, 422, "simulate.unknown-page"),
        ("reach", {"slot": "promo", "order": ["rich"]}, 422, "simulate.order"),
    ],
)
async def test_what_can_not_be_simulated(
    visited: tuple[Desk, Seen], what: str, body: dict[str, Any], status: int, code: str
) -> None:
    assert told(await visited[0].ask("POST", what, body), status) == [code]
    assert not visited[0].shop.site.simulating


async def test_one_at_a_time_and_none_for_nobody(visited: tuple[Desk, Seen]) -> None:
    shop = visited[0].shop
    headers = {"authorization": shop.admin.headers["authorization"]}
    async with httpx.AsyncClient(base_url=shop.url, headers=headers) as other:
        asking = asyncio.create_task(other.post("/api/sites/shop/simulate", json={"slot": "promo"}, timeout=60))
        while not shop.site.simulating:
            await asyncio.sleep(0)
        assert told(await visited[0].ask("POST", "simulate", {"slot": "promo"}), 409) == ["simulate.busy"]
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    async with asyncio.timeout(60):
        while shop.site.simulating:
            await asyncio.sleep(0.01)
