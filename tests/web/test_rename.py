"""A definition gets another key: all that refers to it follows in the same publication."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.web.editing import Desk, told
from tests.web.shop import HOUR, NOON, Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("rename")) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def desk(opened: Shop) -> AsyncIterator[Desk]:
    opened.now = NOON
    found = Desk(opened)
    before = await found.get("catalog")
    yield found
    await found.clean()
    assert (await found.ask("PUT", "catalog", before)).status_code == 200


async def renamed(desk: Desk, where: str, key: str, **more: Any) -> Any:
    """Save the draft of a definition with another key."""
    body = (await desk.get(f"definitions/{where}"))["body"]
    return await desk.save(where, {**body, **more, "key": key})


async def test_a_segment_and_everything_that_names_it(desk: Desk) -> None:
    await desk.save("segments/both", {"name": "Both", "rule": 'segment("students")\n  and not segment("rich")'})
    await desk.save("personas/ana", {"segments": ["students"]})
    await desk.published("segments/both", "personas/ana")
    someone = desk.shop.someone()
    asked = {"anonymousId": someone, "page": "/", "context": {"url": "https://shop.example/college"}}
    before = await desk.shop.decide(someone, page="/", context=asked["context"])
    assert before["page"]["experience"] == "students"
    await renamed(desk, "segments/students", "pupils")
    seen = await desk.preview("segments/students")
    assert sorted(one["sentence"] for one in seen["differences"]) == [
        "Both: refers to *pupils* by the new key.",
        "Students: key was *students*, now *pupils*.",
        "ana: refers to *pupils* by the new key.",
        "home: refers to *pupils* by the new key.",
    ]
    assert seen["problems"] == [] and seen["affected"]["segments"] == [], "nobody enters, nobody leaves"
    done = await desk.published("segments/students")
    catalog = await desk.get("catalog")
    assert "students" not in catalog["segments"] and catalog["segments"]["pupils"]["name"] == "Students"
    assert catalog["segments"]["both"]["rule"] == 'segment("pupils")\n  and not segment("rich")'
    assert catalog["pages"]["home"]["experiences"][0]["segment"] == "pupils"
    assert catalog["personas"]["ana"]["segments"] == ["pupils"]
    after = await desk.shop.decide(someone, page="/", context=asked["context"])
    assert after["page"]["experience"] == "students" and after["page"]["segment"] == "pupils"
    told_of = {one["key"]: one["sentences"] for one in (await desk.get(f"publications/{done['id']}"))["revisions"]}
    assert told_of["home"] == {
        "en": "home: refers to *pupils* by the new key.",
        "es": "home: se refiere a *pupils* por la clave nueva.",
    }
    assert sorted(told_of) == ["ana", "both", "home", "pupils"]
    undone = await desk.ask("POST", f"publications/{done['id']}/undo")
    assert undone.status_code == 201, undone.text
    catalog = await desk.get("catalog")
    assert catalog["segments"]["both"]["rule"] == 'segment("students")\n  and not segment("rich")'
    assert catalog["pages"]["home"]["experiences"][0]["segment"] == "students"


async def test_drafts_follow_and_can_be_published(desk: Desk) -> None:
    home = (await desk.get("definitions/pages/home"))["body"]
    home["blocks"]["hero"]["settings"]["title"] = "Mine"
    mine = await desk.save("pages/home", home)
    new = await desk.save("segments/new", {"rule": 'segment("students")'})
    without = (await desk.get("definitions/collections/offers"))["body"]
    other = await desk.save("collections/offers", {**without, "variations": []})
    await renamed(desk, "segments/students", "pupils")
    await renamed(desk, "segments/buyers", "customers")
    await desk.published("segments/students", "segments/buyers")
    found = {one["key"]: one for one in (await desk.get("drafts"))["drafts"]}
    assert [one["segment"] for one in found["home"]["body"]["experiences"]] == ["pupils", "customers"]
    assert found["home"]["version"] == mine["version"] + 1 and found["home"]["problems"] == []
    assert found["new"]["body"]["rule"] == 'segment("pupils")' and found["new"]["version"] == new["version"] + 1
    assert found["offers"]["body"].get("variations", []) == [] and found["offers"]["version"] == other["version"] + 1
    for one in found.values():
        assert one["base"] == one["live"], "nothing to merge"
    late = await desk.put("pages/home", {"body": home}, mine["version"])
    assert late.status_code == 412, "who edits is told"
    await desk.published("pages/home", "segments/new", "collections/offers")
    catalog = await desk.get("catalog")
    assert catalog["pages"]["home"]["blocks"]["hero"]["settings"]["title"] == "Mine"
    assert catalog["pages"]["home"]["experiences"][1]["segment"] == "customers"


async def test_what_is_planned_follows(desk: Desk) -> None:
    home = (await desk.get("definitions/pages/home"))["body"]
    home["blocks"]["hero"]["settings"]["title"] = "Later"
    await desk.save("pages/home", home)
    planned = await desk.published("pages/home", at=NOON + HOUR)
    await renamed(desk, "segments/students", "pupils")
    await desk.published("segments/students")
    desk.shop.now = NOON + HOUR
    await desk.shop.installation.jobs.work_off()
    done = (await desk.get(f"publications/{planned['id']}"))["publication"]
    assert (done["state"], done["reason"]) == ("done", "")
    live = (await desk.get("catalog"))["pages"]["home"]
    assert live["blocks"]["hero"]["settings"]["title"] == "Later" and live["experiences"][0]["segment"] == "pupils"


async def test_two_exchange_their_keys(desk: Desk) -> None:
    await renamed(desk, "segments/students", "buyers")
    await renamed(desk, "segments/buyers", "students")
    await desk.published("segments/students", "segments/buyers")
    catalog = await desk.get("catalog")
    assert catalog["segments"]["buyers"]["name"] == "Students"
    assert [one["segment"] for one in catalog["pages"]["home"]["experiences"]] == ["buyers", "students"]


async def test_items_collections_and_types_follow_too(desk: Desk) -> None:
    await desk.save("types/offer", {"fields": [{"key": "next", "type": "reference", "to": "offer"}]})
    await desk.save("content/gift", {"type": "offer", "fields": {"next": "card"}, "tags": ["presents"]})
    await desk.published("types/offer", "content/gift")
    await renamed(desk, "types/offer", "deal")
    await renamed(desk, "content/card", "voucher")
    await renamed(desk, "collections/offers", "deals")
    await desk.published("types/offer", "content/card", "collections/offers")
    catalog = await desk.get("catalog")
    assert catalog["content"]["gift"]["fields"] == {"next": "voucher"}
    assert {catalog["content"][key]["type"] for key in ("gift", "voucher")} == {"deal"}
    assert catalog["types"]["deal"]["fields"][0]["to"] == "deal"
    assert catalog["collections"]["deals"]["items"] == ["voucher", "gift"]
    assert catalog["pages"]["home"]["blocks"]["offers"]["collection"] == "deals"


async def test_what_is_archived_follows(desk: Desk) -> None:
    await desk.save("segments/old", {"rule": 'segment("students")'})
    await desk.published("segments/old")
    await desk.put("segments/old", {"action": "archive"})
    await desk.published("segments/old")
    await renamed(desk, "segments/students", "pupils")
    await desk.published("segments/students")
    old = await desk.get("definitions/segments/old")
    assert old["definition"]["state"] == "archived" and old["body"]["rule"] == 'segment("pupils")'
    await desk.save("segments/old", old["body"])
    await desk.published("segments/old")


async def test_a_segment_with_a_static_list_keeps_its_key(desk: Desk) -> None:
    body = (await desk.get("definitions/segments/guests"))["body"]
    answer = await desk.put("segments/guests", {"body": {**body, "key": "visitors"}}, "*")
    assert told(answer, 422) == ["catalog.list-key"]
    rich = (await desk.get("definitions/segments/vips"))["body"]
    draft = {"body": {"key": "people", "name": "VIPs", "rule": rich["rule"]}}
    assert (await desk.put("segments/vips", draft, "*")).status_code == 200
    assert "catalog.list-key" in told(await desk.publish("segments/vips"), 422)


async def test_a_key_that_is_taken_stays_refused(desk: Desk) -> None:
    await renamed(desk, "segments/students", "rich")
    assert "catalog.taken" in told(await desk.publish("segments/students"), 422)
    assert (await desk.get("catalog"))["pages"]["home"]["experiences"][0]["segment"] == "students"
