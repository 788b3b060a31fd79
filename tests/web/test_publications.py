"""Publishing over HTTP: all or nothing, told beforehand, at a set time, and taken back."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from lenticular.settings import Settings
from tests.decide.world import SITE
from tests.postgres import DATABASES, schema
from tests.web.editing import Desk, problems, told
from tests.web.shop import HOUR, NOON, Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
NOON_ISO = "2026-11-23T17:00:00Z"


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=DATABASES)
async def open_own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(schema()) if request.param == "postgres" else "sqlite"
        async with open_shop(tmp_path_factory.mktemp("own"), Settings(database=database)) as shop:
            yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def desk(open_own: Shop) -> AsyncIterator[Desk]:
    open_own.now = NOON
    found = Desk(open_own)
    before = await found.get("catalog")
    yield found
    await found.clean()
    answer = await found.ask("PUT", "catalog", before)
    assert answer.status_code == 200, answer.text


async def title(desk: Desk) -> str:
    decision = await desk.shop.decide(page="/")
    found: str = next(one for one in decision["page"]["blocks"] if one["id"] == "hero")["settings"]["title"]
    return found


async def home(desk: Desk, text: str) -> Any:
    body = (await desk.get("definitions/pages/home"))["body"]
    body["blocks"]["hero"]["settings"]["title"] = text
    return body


async def test_several_drafts_go_live_together(desk: Desk) -> None:
    await desk.save("pages/home", await home(desk, "Hello"))
    await desk.save("segments/new", {"name": "New", "rule": "user.balance > 5"})
    assert await title(desk) == "Welcome"
    heard = list[tuple[int, str]]()
    desk.shop.site.on_published.append(lambda one: heard.append((one.id, desk.shop.site.engine.snapshot.revision)))
    done = await desk.published("pages/home", "segments/new", note="First")
    assert (done["state"], done["kind"], done["note"], done["at"]) == ("done", "publish", "First", NOON)
    desk.shop.site.on_published.pop()
    assert heard == [(done["id"], done["revision"])]
    assert await title(desk) == "Hello" and (await desk.get("drafts"))["drafts"] == []
    assert "new" in (await desk.get("catalog"))["segments"]
    detail = await desk.get(f"publications/{done['id']}")
    assert detail["publication"] == done
    assert [(one["kind"], one["key"], one["sentences"]["en"]) for one in detail["revisions"]] == [
        ("pages", "home", "home: block *hero*: title was *Welcome*, now *Hello*."),
        ("segments", "new", "New (segment) was added."),
    ]
    assert (await desk.get("publications?limit=1"))["publications"] == [done]


async def test_all_is_refused_with_all_reasons(desk: Desk) -> None:
    before = await desk.get("catalog")
    for key, other in (("a", "b"), ("b", "c"), ("c", "a")):
        await desk.save(f"segments/{key}", {"rule": f'segment("{other}")'})
    await desk.save("segments/rich", {"rule": "user.blance > 5"})
    await desk.save("collections/ads", {"items": ["ad", "nothing"]})
    refused = await desk.publish("segments/a", "segments/b", "segments/c", "segments/rich", "collections/ads")
    assert sorted(told(refused, 422)) == ["catalog.circle", "catalog.unknown-content-item", "rule.property"]
    circle = next(one for one in problems(refused) if one["code"] == "catalog.circle")
    assert "a → b → c → a" in circle["message"]
    assert sorted(told(await desk.publish("segments/a"), 422)) == ["catalog.unknown-segment"]
    for wrong, status, code in (
        ([], 422, "publication.empty"),
        (["segments/none"], 404, "draft.unknown"),
        (["segmnts/a"], 404, "kind.unknown"),
        ([{"kind": "segments", "definition": "rich", "version": 9}], 409, "draft.changed"),
    ):
        answer = await desk.ask("POST", "publications", {"drafts": wrong})
        assert told(answer, status) == [code]
    assert await desk.get("catalog") == before and len((await desk.get("drafts"))["drafts"]) == 5


async def test_what_is_used_does_not_go(desk: Desk) -> None:
    await desk.put("segments/buyers", {"action": "delete"})
    refused = await desk.publish("segments/buyers")
    assert told(refused, 422) == ["catalog.used"]
    assert problems(refused)[0]["message"] == '"Buyers" is used by collection offers, page home.'
    await desk.put("content/ad", {"action": "archive"})
    assert told(await desk.publish("content/ad"), 422) == ["catalog.used"]
    await desk.save("collections/ads", {"items": []})
    await desk.published("content/ad", "collections/ads")
    assert (await desk.get("definitions/content/ad"))["definition"]["state"] == "archived"
    assert "ad" not in (await desk.get("catalog"))["content"]
    assert [one["key"] for one in (await desk.get("definitions?in=archived"))["definitions"]] == ["ad"]
    await desk.save("content/ad", {"type": "ad"})
    back = await desk.published("content/ad")
    [one] = (await desk.get(f"publications/{back['id']}"))["revisions"]
    assert one["state"] == "live" and one["sentences"]["en"].startswith("ad (content item) is back")


async def test_keys_are_exchanged_and_taken_ones_refused(desk: Desk) -> None:
    taken = await desk.put("segments/students", {"body": {"key": "rich", "rule": "True"}})
    assert taken.status_code == 200
    assert told(await desk.publish("segments/students"), 422) == ["catalog.taken"]
    await desk.put("segments/rich", {"body": {"key": "students", "rule": "user.balance >= 100_000"}})
    done = await desk.ask("GET", "drafts")
    ids = [{"kind": "segments", "definition": one["definition"]} for one in done.json()["drafts"]]
    answer = await desk.ask("POST", "publications", {"drafts": ids})
    assert answer.status_code == 201, answer.text
    assert (await desk.get("catalog"))["segments"]["students"]["rule"] == "user.balance >= 100_000"


async def test_a_site_keeps_its_zone_and_key(desk: Desk) -> None:
    site = (await desk.get("definitions/site/shop"))["body"]
    await desk.save("site/shop", {**site, "timezone": "Europe/Madrid"})
    assert told(await desk.publish("site/shop"), 422) == ["catalog.timezone"]
    await desk.save("site/shop", {**site, "name": "The shop"})
    await desk.published("site/shop")
    assert (await desk.get("catalog"))["site"]["name"] == "The shop"


async def test_two_publish_at_the_same_moment_and_one_is_told(desk: Desk) -> None:
    await desk.save("segments/rich", {"rule": "user.balance >= 7"})
    answers = await asyncio.gather(*(desk.publish("segments/rich") for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert {one.json()["problems"][0]["code"] for one in answers if one.status_code == 409} == {"draft.gone"}
    await desk.save("pages/home", await home(desk, "A"))
    await desk.save("pages/legal", {"path": "/legal", "name": "B"})
    both = await asyncio.gather(desk.publish("pages/home"), desk.publish("pages/legal"))
    assert [one.status_code for one in both] == [201, 201]
    catalog = await desk.get("catalog")
    assert catalog["pages"]["legal"]["name"] == "B" and await title(desk) == "A"


async def test_who_began_before_someone_else_published_is_told(desk: Desk) -> None:
    draft = await desk.save("segments/rich", {"name": "Rich", "rule": "user.balance >= 2_000"})
    catalog = await desk.get("catalog")
    catalog["segments"]["rich"] = {"key": "rich", "name": "Well off", "rule": "user.balance >= 1_000"}
    assert (await desk.ask("PUT", "catalog", catalog)).status_code == 200
    assert told(await desk.publish("segments/rich"), 409) == ["catalog.changed"]
    merged = await desk.get("drafts/segments/rich/merge")
    assert merged["merged"] == {"key": "rich", "name": "Well off", "rule": "user.balance >= 2_000"}
    assert merged["conflicts"] == []
    view = await desk.get("drafts/segments/rich")
    answer = await desk.put("segments/rich", {"body": merged["merged"], "base": view["live"]}, draft["version"])
    assert answer.json()["base"] == view["live"] == draft["base"] + 1
    await desk.published("segments/rich")
    assert (await desk.get("catalog"))["segments"]["rich"] == merged["merged"]


async def test_differences_are_told_beforehand_in_two_languages(desk: Desk) -> None:
    await desk.save("segments/rich", {"name": "Rich", "rule": "user.balance >= 2_000"})
    found = await desk.preview("segments/rich")
    assert found["differences"] == [
        {
            "kind": "segments",
            "key": "rich",
            "name": "Rich",
            "what": "changed",
            "lines": ["balance was *at least 1,000*, now *at least 2,000*"],
            "sentence": "Rich: balance was *at least 1,000*, now *at least 2,000*.",
        }
    ]
    assert (found["problems"], found["warnings"]) == ([], [])
    spanish = await desk.preview("segments/rich", language="es")
    assert "ahora" in spanish["differences"][0]["sentence"]
    await desk.save("segments/rich", {"name": "Rich", "rule": "user.balanc >= 2_000"})
    wrong = await desk.preview("segments/rich")
    assert wrong["affected"] is None and [one["code"] for one in wrong["problems"]] == ["rule.property"]
    page = await home(desk, "Welcome")
    page["experiences"].insert(0, {"key": "all", "overrides": {}})
    await desk.save("pages/home", page)
    warned = await desk.preview("pages/home")
    assert {one["code"] for one in warned["warnings"]} == {"catalog.never-shown"} and warned["problems"] == []


async def test_it_is_published_when_it_is_due(desk: Desk) -> None:
    past = await desk.publish("segments/rich", at=NOON_ISO)
    assert told(past, 422) == ["publication.past"]
    assert told(await desk.publish("segments/rich", at="soon"), 422) == ["at"]
    await desk.save("pages/home", await home(desk, "Later"))
    planned = await desk.published("pages/home", at=NOON + HOUR, note="Sale")
    assert (planned["state"], planned["due"]) == ("planned", NOON + HOUR)
    assert await title(desk) == "Welcome"
    jobs = desk.shop.installation.jobs
    desk.shop.now = NOON + HOUR - 1
    await jobs.work_off()
    assert await title(desk) == "Welcome"
    desk.shop.now = NOON + HOUR
    async with asyncio.timeout(60):
        while await title(desk) != "Later":  # the server's own loop
            await asyncio.sleep(0.05)
    found = (await desk.get(f"publications/{planned['id']}"))["publication"]
    assert (found["state"], found["at"], found["note"]) == ("done", NOON + HOUR, "Sale")
    assert (await desk.get("drafts"))["drafts"] == []


async def test_what_is_planned_is_what_was_seen_and_checked_again(desk: Desk) -> None:
    await desk.save("segments/rich", {"rule": "user.balance >= 3"})
    first = await desk.published("segments/rich", at=NOON + HOUR)
    await desk.save("segments/rich", {"rule": "user.balance >= 4"})  # goes on being edited
    await desk.save("goals/bought", {"event": "Bought"})
    second = await desk.published("goals/bought", at=NOON + HOUR)
    third = await desk.published("goals/bought", at=NOON + 2 * HOUR)
    jobs = desk.shop.installation.jobs
    desk.shop.now = NOON + HOUR
    await jobs.work_off()
    desk.shop.now = NOON + 2 * HOUR
    await jobs.work_off()
    listed = (await desk.get("publications"))["publications"]
    newest = [one["id"] for one in listed[:4]]
    assert newest == [second["id"], first["id"], third["id"], newest[-1]]
    page = await desk.get("publications?limit=2")
    assert [*page["publications"], *(await desk.get(f"publications?before={page['next']}"))["publications"]] == listed
    states = {one["id"]: one for one in listed}
    assert [states[one["id"]]["state"] for one in (first, second, third)] == ["done", "done", "failed"]
    assert "was changed by admin" in states[third["id"]]["reason"]
    assert 'lenticular_failed_plans_total{site="shop"} 1.0' in (await desk.shop.admin.get("/metrics")).text
    assert (await desk.get("catalog"))["segments"]["rich"]["rule"] == "user.balance >= 3"
    assert [one["key"] for one in (await desk.get("drafts"))["drafts"]] == ["rich"]
    assert (await desk.get("publications?in=failed"))["publications"] == [states[third["id"]]]


async def test_a_plan_is_cancelled(desk: Desk) -> None:
    await desk.save("pages/home", await home(desk, "Never"))
    planned = await desk.published("pages/home", at=NOON + HOUR)
    answer = await desk.ask("DELETE", f"publications/{planned['id']}")
    assert answer.status_code == 200 and answer.json()["state"] == "cancelled"
    assert told(await desk.ask("DELETE", f"publications/{planned['id']}"), 409) == ["publication.settled"]
    assert told(await desk.ask("DELETE", "publications/999999"), 404) == ["publication.unknown"]
    desk.shop.now = NOON + HOUR
    await desk.shop.installation.jobs.work_off()
    assert [one["key"] for one in (await desk.get("drafts"))["drafts"]] == ["home"]


def fail_counting(shop: Shop) -> sqlite3.Connection:
    """Let the profiles' file refuse to count another tally, as a full disk would."""
    path = shop.installation.folder.path / "sites" / SITE.key / "profiles.db"
    connection = sqlite3.connect(path, timeout=30, isolation_level=None)
    connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON counted BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
    )
    return connection


async def test_what_stops_half_way_leaves_nothing(desk: Desk) -> None:
    await desk.save("segments/readers", {"rule": 'count("Read") >= 3'})
    await desk.save("pages/home", await home(desk, "Half"))
    before, engine = await desk.get("catalog"), desk.shop.site.engine
    with closing(fail_counting(desk.shop)) as connection:
        answer = await desk.publish("segments/readers", "pages/home")
        assert answer.status_code == 503, answer.text
        connection.execute("DROP TRIGGER full")
    assert await desk.get("catalog") == before and desk.shop.site.engine is engine
    assert await title(desk) == "Welcome" and len((await desk.get("drafts"))["drafts"]) == 2
    await desk.published("segments/readers", "pages/home")
    assert await title(desk) == "Half"


async def test_a_database_that_did_it_and_could_not_say_so_is_believed(desk: Desk) -> None:
    await desk.save("pages/home", await home(desk, "Done"))
    engine = desk.shop.installation.database.engine

    def committed(connection: Connection) -> None:
        if connection.get_execution_options().get("lenticular_write"):
            connection.connection.cursor().execute("COMMIT")
            raise OperationalError("COMMIT", {}, sqlite3.OperationalError("the connection was lost"))

    event.listen(engine, "commit", committed)
    try:
        answer = await desk.publish("pages/home")
    finally:
        event.remove(engine, "commit", committed)
    assert answer.status_code == 201, answer.text
    assert await title(desk) == "Done" and (await desk.get("drafts"))["drafts"] == []
    await desk.save("pages/home", await home(desk, "Again"))
    await desk.published("pages/home")
    assert await title(desk) == "Again"


async def test_history_is_told_restored_and_undone(desk: Desk) -> None:
    for number, text in enumerate(("One", "Two")):
        desk.shop.now = NOON + number
        await desk.save("pages/home", await home(desk, text))
        await desk.published("pages/home")
    page = await desk.get("definitions/pages/home/revisions?limit=2")
    newest, older = page["revisions"]
    assert newest["sentences"]["en"] == "home: block *hero*: title was *One*, now *Two*."
    assert (newest["author"]["name"], newest["at"], newest["number"]) == ("admin", NOON + 1, older["number"] + 1)
    rest = await desk.get(f"definitions/pages/home/revisions?before={page['next']}")
    assert [one["number"] for one in rest["revisions"]] == list(range(older["number"] - 1, 0, -1))
    where = f"definitions/pages/home/revisions/{older['number']}"
    assert (await desk.get(where))["body"] == older["body"]
    answer = await desk.ask("POST", f"{where}/restore", {})
    assert answer.status_code == 201 and answer.json()["draft"]["body"] == older["body"]
    assert await title(desk) == "Two"
    answer = await desk.ask("POST", f"{where}/restore", {"publish": True})
    assert answer.json()["publication"]["kind"] == "restore" and await title(desk) == "One"
    undone = await desk.ask("POST", f"publications/{answer.json()['publication']['id']}/undo")
    assert undone.status_code == 201 and undone.json()["kind"] == "undo"
    assert undone.json()["undoes"] == answer.json()["publication"]["id"] and await title(desk) == "Two"
    assert told(await desk.ask("GET", "definitions/pages/home/revisions/99"), 404) == ["revision.unknown"]


async def test_an_undo_keeps_what_was_changed_since_and_refuses_what_it_can_not_keep(desk: Desk) -> None:
    await desk.save("segments/rich", {"name": "Rich", "rule": "user.balance >= 8"})
    await desk.save("goals/bought", {"event": "Bought"})
    done = await desk.published("segments/rich", "goals/bought")
    await desk.save("segments/rich", {"name": "Wealthy", "rule": "user.balance >= 8"})
    await desk.published("segments/rich")
    undone = await desk.ask("POST", f"publications/{done['id']}/undo")
    assert undone.status_code == 201, undone.text
    catalog = await desk.get("catalog")
    assert catalog["segments"]["rich"] == {"key": "rich", "name": "Wealthy", "rule": "user.balance >= 1_000"}
    assert "goals" not in catalog or "bought" not in catalog["goals"]
    again = await desk.ask("POST", f"publications/{done['id']}/undo")
    assert again.status_code == 409
    await desk.save("segments/rich", {"name": "Wealthy", "rule": "user.balance >= 9"})
    rule = await desk.published("segments/rich")
    await desk.save("segments/rich", {"name": "Wealthy", "rule": "user.balance >= 10"})
    await desk.published("segments/rich")
    refused = await desk.ask("POST", f"publications/{rule['id']}/undo")
    assert told(refused, 409) == ["publication.changed-since"] and "/rule" in problems(refused)[0]["message"]
    assert told(await desk.ask("POST", "publications/999999/undo"), 404) == ["publication.unknown"]


async def test_a_deleted_definition_comes_back_with_its_history(desk: Desk) -> None:
    await desk.save("goals/seen", {"event": "Seen"})
    await desk.published("goals/seen")
    identity = (await desk.get("definitions/goals/seen"))["definition"]["id"]
    await desk.put("goals/seen", {"action": "delete"})
    gone = await desk.published("goals/seen")
    assert "seen" not in (await desk.get("catalog")).get("goals", {})
    deleted = f"definitions/goals/{identity}/revisions/2/restore"
    assert told(await desk.ask("POST", deleted, {"publish": True}), 422) == ["revision.deleted"]
    assert (await desk.ask("POST", f"publications/{gone['id']}/undo")).status_code == 201
    back = await desk.get("definitions/goals/seen")
    assert (back["definition"]["id"], back["definition"]["revision"]) == (identity, 3)


async def test_the_whole_catalog_as_it_was(desk: Desk) -> None:
    await desk.save("goals/early", {"event": "Early"})
    then = await desk.published("goals/early")
    wanted = await desk.get("catalog")
    await desk.put("goals/early", {"action": "delete"})
    await desk.save("goals/late", {"event": "Late"})
    await desk.save("pages/home", await home(desk, "Changed"))
    site = (await desk.get("definitions/site/shop"))["body"]
    await desk.save("site/shop", {**site, "name": "The shop"})
    await desk.published("goals/early", "goals/late", "pages/home", "site/shop")
    answer = await desk.ask("POST", f"publications/{then['id']}/restore")
    assert answer.status_code == 201 and answer.json()["kind"] == "restore", answer.text
    found = await desk.get("catalog")
    assert found["site"]["name"] == "The shop" and await title(desk) == "Welcome"
    assert {**found, "site": None} == {**wanted, "site": None}
    assert told(await desk.ask("POST", f"publications/{then['id']}/restore"), 409) == ["publication.undone"]
    assert told(await desk.ask("POST", "publications/999999/restore"), 404) == ["publication.unknown"]


async def test_sites_are_apart(desk: Desk) -> None:
    await desk.shop.admin.put("/api/sites/other", json={})
    done = await desk.get("publications?limit=1")
    identity = done["publications"][0]["id"]
    for method, path in (("GET", ""), ("POST", "/undo"), ("DELETE", "")):
        answer = await desk.shop.admin.request(method, f"/api/sites/other/publications/{identity}{path}")
        assert answer.status_code == 404, answer.text
    await desk.save("goals/mine", {"event": "Mine"})
    planned = await desk.published("goals/mine", at=NOON + HOUR)
    answer = await desk.shop.admin.delete(f"/api/sites/other/publications/{planned['id']}")
    assert answer.status_code == 404
    assert (await desk.ask("DELETE", f"publications/{planned['id']}")).json()["state"] == "cancelled"
    stored = (await desk.get("definitions/segments/rich"))["definition"]["id"]
    for path in (f"definitions/segments/{stored}", f"drafts/segments/{stored}"):
        assert (await desk.shop.admin.get(f"/api/sites/other/{path}")).status_code == 404
