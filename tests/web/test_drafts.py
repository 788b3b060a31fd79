"""Definitions and drafts over HTTP: nothing goes live by accident, nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from tests.web.editing import Desk, problems, told
from tests.web.shop import PARTS, Shop, open_shop

pytestmark = pytest.mark.asyncio(loop_scope="session")
RULE = "user.balance >= 5_000"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def open_own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("own")) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def desk(open_own: Shop) -> AsyncIterator[Desk]:
    found = Desk(open_own)
    yield found
    await found.clean()


async def test_a_draft_changes_nothing_that_visitors_see(desk: Desk) -> None:
    before = await desk.get("catalog")
    draft = await desk.save("segments/rich", {"rule": RULE})
    assert (draft["kind"], draft["key"], draft["version"], draft["base"]) == ("segments", "rich", 1, 1)
    assert (draft["action"], draft["author"], draft["problems"]) == ("change", {"name": "admin", "id": ""}, [])
    assert draft["body"] == {"key": "rich", "rule": RULE}
    new = await desk.save("segments/new", {"name": "New", "rule": "True", "tags": ["x"]})
    assert (new["base"], new["live"]) == (0, 0)
    assert await desk.get("catalog") == before
    listed = (await desk.get("drafts"))["drafts"]
    assert [one["key"] for one in listed] == ["new", "rich"] and draft in listed
    assert await desk.get("drafts/segments/rich") == draft
    answer = await desk.ask("GET", f"drafts/segments/{draft['definition']}")
    assert answer.headers["etag"] == '"1"' and answer.json() == draft


async def test_definitions_are_listed_and_searched(desk: Desk) -> None:
    async def keys(query: str) -> list[str]:
        return [one["key"] for one in (await desk.get(f"definitions?{query}"))["definitions"]]

    everything = await desk.get("definitions")
    assert everything["next"] is None
    count = sum(map(len, PARTS.values())) + 1
    assert len(everything["definitions"]) == count
    assert await keys("kind=segments") == ["buyers", "guests", "rich", "students", "vips"]
    assert await keys("q=BALANCE+100_000") == ["vips"]
    assert await keys("q=%00&tag=%00&in=%00&after=%00") == []
    assert await keys("tag=presents") == ["gift"]
    assert await keys("in=archived") == [] == await keys("drafts=true")
    await desk.save("pages/legal", {"path": "/legal"})
    assert await keys("drafts=true") == ["legal"]
    pages: list[Any] = []
    after: str | None = ""
    while after is not None:
        page = await desk.get(f"definitions?limit=5&after={after}")
        pages.append(page["definitions"])
        after = page["next"]
    assert [one for page in pages for one in page] == (await desk.get("definitions"))["definitions"]
    assert max(map(len, pages)) == 5
    assert told(await desk.ask("GET", "definitions?kind=segmnts"), 404) == ["kind.unknown"]


async def test_a_definition_with_its_body_its_draft_and_its_uses(desk: Desk) -> None:
    found = await desk.get("definitions/segments/buyers")
    assert found["definition"]["state"] == "live" and found["definition"]["revision"] == 1
    assert found["body"] == {"key": "buyers", **PARTS["segments"]["buyers"]} and found["draft"] is None
    draft = await desk.save("segments/buyers", {"rule": "True"})
    again = await desk.get(f"definitions/segments/{found['definition']['id']}")
    assert again["body"] == found["body"] and again["draft"]["body"] == draft["body"]
    uses = (await desk.get("definitions/segments/buyers/uses"))["uses"]
    assert [(one["kind"], one["key"], one["pointer"]) for one in uses] == [
        ("collections", "offers", "/variations/0/segment"),
        ("pages", "home", "/experiences/1/segment"),
    ]
    assert told(await desk.ask("GET", "definitions/segments/byers"), 404) == ["definition.unknown"]
    assert (await desk.get("definitions/site/shop"))["body"]["timezone"] == "America/New_York"


async def test_a_draft_may_be_wrong_in_what_it_says_but_not_in_its_form(desk: Desk) -> None:
    draft = await desk.save("segments/rich", {"rule": "user.blance >= 5"})
    [problem] = draft["problems"]
    assert (problem["place"], problem["hint"]) == ("segments/rich/rule, line 1, column 1", "Did you mean user.balance?")
    other = await desk.save("segments/other", {"rule": 'segment("not yet")'})
    assert [one["code"] for one in other["problems"]] == ["catalog.unknown-segment"]
    for where, body, code, place in (
        ("segments/rich", {"rle": "True"}, "catalog.shape", "segments/rich/rle"),
        ("pages/home", {"path": "/", "blocks": {"a": {"kind": 5}}}, "catalog.shape", "pages/home/blocks/a/kind"),
        ("pages/home", {}, "catalog.shape", "pages/home"),
        ("segments/fresh", {"key": "other", "rule": "True"}, "draft.key", "key"),
        ("segments/no%20key", {"rule": "True"}, "catalog.key", "key"),
        ("content/large", {"type": "x", "fields": {"text": "x" * 1_000_000}}, "catalog.large", "content/large"),
        ("properties/user.x", {"scope": "user", "name": "y", "type": "text"}, "draft.key", "key"),
        ("properties/user.balance", {"scope": "user", "name": "y", "type": "text"}, "draft.key", "name"),
    ):
        answer = await desk.put(where, {"body": body})
        assert told(answer, 422) == [code] and problems(answer)[0]["place"] == place
    assert told(await desk.put("segments/rich", {}), 422) == ["draft.body"]
    assert told(await desk.put("segments/fresh", {"action": "delete"}), 422) == ["draft.action"]
    assert told(await desk.put("site/other", {"body": {}}), 422) == ["catalog.site"]
    assert (await desk.put("segments/rich", {"body": {}, "actoin": "delete"})).status_code == 400
    assert told(await desk.put("segmnts/rich", {"body": {}}), 404) == ["kind.unknown"]


async def test_two_who_edit_are_told_and_merged(desk: Desk) -> None:
    mine = {"name": "Rich", "rule": RULE, "description": "Mine"}
    theirs = {"name": "Very rich", "rule": "user.balance >= 9_000"}
    first = await desk.save("segments/rich", {"name": "Rich", "rule": "user.balance >= 1_000"})
    await desk.save("segments/rich", theirs, first["version"])
    answer = await desk.put("segments/rich", {"body": mine}, first["version"])
    assert told(answer, 412) == ["draft.changed"]
    found = answer.json()
    assert found["current"]["version"] == first["version"] + 1
    assert found["merge"]["base"] == first["body"]
    assert found["merge"]["mine"] == {"key": "rich", **mine} and found["merge"]["theirs"] == {"key": "rich", **theirs}
    assert found["merge"]["merged"] == {"key": "rich", **mine, "name": "Very rich"}
    assert found["merge"]["conflicts"] == ["/rule"]
    saved = await desk.save("segments/rich", found["merge"]["merged"], found["current"]["version"])
    assert saved["version"] == first["version"] + 2
    late = await desk.put("segments/rich", {"body": mine})
    assert told(late, 412) == ["draft.changed"]
    assert late.json()["merge"]["base"] == {"key": "rich", **PARTS["segments"]["rich"]}
    same = await desk.save("segments/rich", saved["body"], saved["version"])
    assert same == saved
    anyway = await desk.put("segments/rich", {"body": mine}, "*")
    assert anyway.status_code == 200 and anyway.json()["version"] == saved["version"] + 1
    assert told(await desk.put("segments/rich", {"body": mine}, "not-an-etag"), 422) == ["request.if-match"]


async def test_a_draft_is_discarded_and_what_was_never_published_goes_with_it(desk: Desk) -> None:
    draft = await desk.save("segments/rich", {"rule": RULE})
    assert told(await desk.ask("DELETE", "drafts/segments/rich", version=draft["version"] + 1), 409) == [
        "draft.changed"
    ]
    assert (await desk.ask("DELETE", "drafts/segments/rich", version=draft["version"])).status_code == 204
    assert told(await desk.ask("GET", "drafts/segments/rich"), 404) == ["draft.unknown"]
    assert told(await desk.ask("DELETE", "drafts/segments/rich"), 404) == ["draft.unknown"]
    gone = await desk.put("segments/rich", {"body": {"rule": RULE, "name": "Late"}}, draft["version"])
    assert told(gone, 412) == ["draft.changed"] and gone.json()["current"] is None
    assert gone.json()["merge"]["merged"]["name"] == "Late"
    await desk.save("goals/bought", {"event": "Bought"})
    assert (await desk.ask("DELETE", "drafts/goals/bought")).status_code == 204
    assert told(await desk.ask("GET", "definitions/goals/bought"), 404) == ["definition.unknown"]


async def test_a_draft_may_be_an_end(desk: Desk) -> None:
    answer = await desk.put("slots/plain", {"action": "archive"})
    assert answer.status_code == 200
    draft = answer.json()
    assert (draft["action"], draft["body"]) == ("archive", {"key": "plain", "block": {"kind": "text"}})
    again = await desk.put("slots/plain", {"action": "delete"}, draft["version"])
    assert again.json()["action"] == "delete" and again.json()["version"] == draft["version"] + 1


async def test_a_key_that_is_taken(desk: Desk) -> None:
    draft = await desk.save("segments/mine", {"rule": "True"})
    answer = await desk.put("segments/mine", {"body": {"key": "rich", "rule": "True"}}, draft["version"])
    assert told(answer, 409) == ["catalog.taken"]
    renamed = await desk.put("segments/mine", {"body": {"key": "ours", "rule": "True"}}, draft["version"])
    assert renamed.json()["key"] == "ours" and renamed.json()["definition"] == draft["definition"]
    assert told(await desk.ask("GET", "drafts/segments/mine"), 404) == ["draft.unknown"]


async def test_drafts_need_the_admin_token(desk: Desk) -> None:
    for path in ("drafts", "definitions", "drafts/segments/rich", "definitions/segments/rich/uses"):
        assert (await desk.shop.visitor.get(f"/api/sites/shop/{path}")).status_code == 401
    answer = await desk.shop.visitor.put("/api/sites/shop/drafts/segments/rich", json={"body": {"rule": "True"}})
    assert answer.status_code == 401
    assert told(await desk.shop.admin.get("/api/sites/none/drafts"), 404) == ["site.unknown"]


async def test_where_files_rule_nothing_is_written(desk: Desk) -> None:
    opened = desk.shop.installation
    before = opened.settings
    opened.settings = msgspec.structs.replace(before, catalog="files")
    try:
        answer = await desk.put("segments/rich", {"body": {"rule": "True"}})
        assert told(answer, 409) == ["catalog.files"] and "files" in problems(answer)[0]["message"]
        assert told(await desk.ask("DELETE", "drafts/segments/rich"), 409) == ["catalog.files"]
        assert (await desk.ask("GET", "definitions")).status_code == 200
    finally:
        opened.settings = before
