"""An editor proposes, a publisher approves: exactly that, once, and not their own where another person must."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.web.editing import Desk
from tests.web.shop import HOUR, NOON, Shop, open_shop
from tests.web.visitors import Browser, answered, problem, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
P = "/api/sites/shop/proposals"
RULE = "user.balance > 5"


class Office:
    """A shop's editor and two publishers, each in a browser of their own."""

    def __init__(self, shop: Shop, editor: Browser, publishers: tuple[Browser, Browser], viewer: Browser) -> None:
        self.shop, self.desk, self.editor, self.viewer = shop, Desk(shop), editor, viewer
        self.first, self.second = publishers
        self._drafts = 0

    async def drafted(self, rule: str = RULE) -> str:
        """Have the editor save a draft of a new segment; return it as `segments/key`."""
        self._drafts += 1
        where = f"segments/proposed{self._drafts}"
        body = {"body": {"name": f"Proposed {self._drafts}", "rule": rule}}
        answered(await self.editor.ask("PUT", f"/api/sites/shop/drafts/{where}", body), 200)
        return where

    async def proposed(self, *drafts: str, by: Browser | None = None, **more: Any) -> Any:
        """Return a new proposal."""
        return answered(await (by or self.editor).ask("POST", P, {"drafts": list(drafts), **more}), 201)

    async def approve(self, found: Any, by: Browser, comment: str = "") -> httpx.Response:
        return await by.ask("POST", f"{P}/{found['id']}/approve", {"comment": comment})

    async def detail(self, found: Any) -> Any:
        return answered(await self.viewer.ask("GET", f"{P}/{found['id']}"), 200)

    def is_live(self, where: str) -> bool:
        return where.partition("/")[2] in self.shop.site.engine.catalog.segments


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_shop(tmp_path_factory.mktemp("proposals")) as shop:
        publishers = [await signed_in(shop, f"{name}@example.com", shop="publisher") for name in ("pia", "paul")]
        editor = await signed_in(shop, "eve@example.com", shop="editor")
        viewer = await signed_in(shop, "vic@example.com", shop="viewer")
        yield Office(shop, editor, (publishers[0], publishers[1]), viewer)
        await Browser.close_all()


@pytest_asyncio.fixture(loop_scope="session")
async def office(opened: Office) -> AsyncIterator[Office]:
    """The office, at noon, without approval by another person."""
    opened.shop.now = NOON
    yield opened
    await opened.desk.clean()
    await needs_approval(opened, False)


async def needs_approval(office: Office, on: bool) -> None:
    catalog = await office.desk.get("catalog")
    catalog["site"]["approval"] = on
    answered(await office.desk.ask("PUT", "catalog", catalog), 200)


async def test_what_was_proposed_is_seen_and_published(office: Office) -> None:
    one, two = await office.drafted(), await office.drafted()
    found = await office.proposed(one, two, note="For the sale")
    assert (found["state"], found["note"], found["author"]["name"], found["at"]) == (
        "open",
        "For the sale",
        "eve",
        NOON,
    )
    listed = answered(await office.viewer.ask("GET", f"{P}?in=open&limit=1"), 200)
    assert listed["proposals"] == [found]
    seen = answered(await office.first.ask("POST", f"{P}/{found['id']}/preview"), 200)
    assert [each["sentence"] for each in seen["differences"]] == [
        f"Proposed {one[-1]} (segment) was added.",
        f"Proposed {two[-1]} (segment) was added.",
    ]
    assert seen["problems"] == [] and seen["affected"]["segments"]
    done = answered(await office.approve(found, office.first, "Fine"), 201)
    assert office.is_live(one) and office.is_live(two)
    after, publication = done["proposal"], done["publication"]
    assert (after["state"], after["comment"], after["by"]["name"]) == ("approved", "Fine", "pia")
    assert (publication["author"]["name"], publication["note"]) == ("pia", "For the sale")
    assert after["publication"] == publication["id"]
    assert (await office.detail(found))["proposal"] == after
    log = answered(await office.shop.admin.get("/api/audit?limit=2"), 200)["entries"]
    assert [each["sentence"] for each in log] == [
        f"approved {one}, {two}, proposed by eve",
        f"proposed {one}, {two}",
    ]
    assert problem(await office.approve(found, office.first), 409) == "proposal.settled"


async def test_a_draft_that_changed_since_is_not_published(office: Office) -> None:
    one, two = await office.drafted(), await office.drafted()
    found = await office.proposed(one, two)
    changed = {"body": {"name": "Proposed", "rule": "user.balance > 50"}}
    answered(
        await office.first.http.put(f"/api/sites/shop/drafts/{one}", json=changed, headers=_any(office.first)), 200
    )
    answered(await office.editor.http.delete(f"/api/sites/shop/drafts/{two}", headers=_any(office.editor)), 204)
    for what in ("approve", "preview"):
        answer = await office.second.ask("POST", f"{P}/{found['id']}/{what}", {} if what == "approve" else None)
        assert problem(answer, 409) == "draft.changed"
        told = answer.json()["problems"]
        said = told[0]["message"]
        assert "changed by pia" in said and "balance was *above 5*, now *above 50*" in said
        assert told[1]["code"] == "draft.gone"
    assert not office.is_live(one)
    detail = await office.detail(found)
    assert [each["code"] for each in detail["problems"]] == ["draft.changed", "draft.gone"]
    assert [each["key"] for each in detail["changed"]] == [one.partition("/")[2]]
    again = await office.proposed(one)
    answered(await office.approve(again, office.second), 201)
    assert office.shop.site.engine.catalog.segments[one.partition("/")[2]].rule == "user.balance > 50"


async def test_a_proposal_may_be_sent_back_or_withdrawn(office: Office) -> None:
    one = await office.drafted()
    found = await office.proposed(one)
    assert problem(await office.first.ask("POST", f"{P}/{found['id']}/return", {}), 422) == "proposal.comment"
    back = answered(await office.first.ask("POST", f"{P}/{found['id']}/return", {"comment": "Too many people"}), 200)
    assert (back["state"], back["comment"], back["by"]["name"]) == ("returned", "Too many people", "pia")
    assert problem(await office.approve(found, office.second), 409) == "proposal.settled"
    again = await office.proposed(one)
    other = await signed_in(office.shop, "ed@example.com", shop="editor")
    for browser in (other, office.second):
        assert problem(await browser.ask("DELETE", f"{P}/{again['id']}"), 403) == "proposal.other"
    gone = answered(await office.editor.ask("DELETE", f"{P}/{again['id']}"), 200)
    assert gone["state"] == "withdrawn"
    assert problem(await office.editor.ask("DELETE", f"{P}/{again['id']}"), 409) == "proposal.settled"
    drafts = answered(await office.viewer.ask("GET", "/api/sites/shop/drafts"), 200)["drafts"]
    assert [f"{each['kind']}/{each['key']}" for each in drafts] == [one], "the work is still there"


async def test_roles(office: Office) -> None:
    found = await office.proposed(await office.drafted())
    for method, path, body in (
        ("POST", P, {"drafts": ["segments/rich"]}),
        ("POST", f"{P}/{found['id']}/approve", {}),
        ("POST", f"{P}/{found['id']}/return", {"comment": "x"}),
        ("DELETE", f"{P}/{found['id']}", None),
    ):
        assert problem(await office.viewer.ask(method, path, body), 403) == "access.role"
        if path.endswith(("approve", "return")):
            assert problem(await office.editor.ask(method, path, body), 403) == "access.role"


async def test_another_sites_proposals_are_not_there(office: Office) -> None:
    answered(await office.shop.admin.put("/api/sites/other", json={}), 200)
    found = await office.proposed(await office.drafted())
    other = f"/api/sites/other/proposals/{found['id']}"
    for method, path, body in (
        ("GET", other, None),
        ("POST", f"{other}/preview", None),
        ("POST", f"{other}/approve", {}),
        ("POST", f"{other}/return", {"comment": "x"}),
        ("DELETE", other, None),
    ):
        answer = await office.shop.admin.request(method, path, json=body)
        assert problem(answer, 404) == "proposal.unknown", path
    assert (await office.detail(found))["proposal"]["state"] == "open"


async def test_where_another_person_must_approve_nobody_publishes_alone(office: Office) -> None:
    await needs_approval(office, True)
    one = await office.drafted()
    for browser in (office.first, office.second):
        direct = await browser.ask("POST", "/api/sites/shop/publications", {"drafts": [one]})
        assert problem(direct, 403) == "approval.needed"
    assert problem(await office.desk.publish(one), 403) == "approval.needed", "an admin neither"
    own = await office.proposed(one, by=office.first)
    assert problem(await office.approve(own, office.first), 403) == "approval.own"
    token = answered(await office.first.ask("POST", "/api/tokens", {"name": "ci", "role": "publisher"}), 201)["secret"]
    async with httpx.AsyncClient(base_url=office.shop.url, headers={"authorization": f"Bearer {token}"}) as program:
        answer = await program.post(f"{P}/{own['id']}/approve", json={})
        assert problem(answer, 403) == "approval.own", "their own program is no other person"
    assert not office.is_live(one)
    done = answered(await office.approve(own, office.second), 201)
    assert office.is_live(one)
    undo = await office.first.ask("POST", f"/api/sites/shop/publications/{done['publication']['id']}/undo")
    assert answered(undo, 201)["kind"] == "undo", "back to what was live before needs nobody"


async def test_without_that_setting_a_publisher_may_approve_their_own(office: Office) -> None:
    one = await office.drafted()
    found = await office.proposed(one, by=office.first)
    answered(await office.approve(found, office.first), 201)
    assert office.is_live(one)


async def test_a_planned_time_holds_once_approved(office: Office) -> None:
    one = await office.drafted()
    past = await office.editor.ask("POST", P, {"drafts": [one], "at": NOON - 1})
    assert problem(past, 422) == "publication.past"
    found = await office.proposed(one, at=NOON + HOUR)
    done = answered(await office.approve(found, office.first), 201)
    assert (done["publication"]["state"], done["publication"]["due"]) == ("planned", NOON + HOUR)
    assert done["proposal"]["publication"] == done["publication"]["id"] and not office.is_live(one)
    office.shop.now = NOON + HOUR
    await office.shop.installation.jobs.work_off()
    assert office.is_live(one)
    late = await office.proposed(two := await office.drafted(), at=NOON + 2 * HOUR)
    office.shop.now = NOON + 3 * HOUR
    done = answered(await office.approve(late, office.second), 201)
    assert done["publication"]["state"] == "done" and office.is_live(two), "approved too late: at once"


async def test_what_can_not_be_published_is_told_and_stays_open(office: Office) -> None:
    wrong = await office.drafted('segment("nowhere")')
    found = await office.proposed(wrong)
    seen = answered(await office.first.ask("POST", f"{P}/{found['id']}/preview"), 200)
    assert seen["problems"]
    assert (await office.approve(found, office.first)).status_code == 422
    assert (await office.detail(found))["proposal"]["state"] == "open"
    assert problem(await office.editor.ask("POST", P, {"drafts": []}), 422) == "publication.empty"
    assert problem(await office.editor.ask("POST", P, {"drafts": ["segments/nothing"]}), 404) == "draft.unknown"
    answer = await office.editor.ask("POST", P, {"drafts": [wrong], "note": "x" * 2_001})
    assert problem(answer, 422) == "proposal.long"


async def test_of_two_who_approve_at_once_one_does(office: Office) -> None:
    one = await office.drafted()
    found = await office.proposed(one)
    answers = await asyncio.gather(*(office.approve(found, by) for by in (office.first, office.second, office.first)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert office.is_live(one)


def _any(browser: Browser) -> dict[str, str]:
    return {"if-match": "*", "x-csrf-token": browser.proof}
