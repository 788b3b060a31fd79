"""Webhooks: added, changed, tried; what is published and what fails is told, signed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.editing import Desk
from tests.web.hooking import HOOKS, hook
from tests.web.shop import Shop
from tests.web.visitors import answered, problem, signed_in
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_publication_is_told_and_signed(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "catalog.published", name="CRM")
    desk = Desk(hooked)
    await desk.save("segments/rich", {"rule": "user.balance >= 5_000"})
    published = await desk.published("segments/rich", note="More")
    [got] = await receiver.until(1)
    assert got.line == "POST /hook?a=1 HTTP/1.1" and got.is_signed_with(told.secret)
    assert got.headers["content-type"] == "application/json" and got.headers["user-agent"].startswith("Lenticular/")
    assert got.headers["webhook-timestamp"] == str(hooked.now // 1000)
    assert got.json["type"] == "catalog.published" and got.json["timestamp"].endswith("Z")
    data = got.json["data"]
    assert data["publication"] == {"id": published["id"], "author": "admin", "note": "More"}
    [change] = data["changes"]
    assert (data["site"], data["changed"], change["key"], change["state"]) == ("shop", 1, "rich", "live")
    assert "5,000" in change["sentence"]["en"]
    log = await told.eventually(lambda log: log["attempts"])
    [attempt] = log["attempts"]
    assert (attempt["status"], attempt["attempt"], attempt["delivery"]) == (204, 1, got.id)
    assert [(one["state"], one["id"]) for one in log["deliveries"]] == [("delivered", got.id)]


async def test_pages_and_slots_tell_which_experiences_changed(hooked: Shop, receiver: Receiver) -> None:
    await hook(hooked, receiver, "experience.published", "catalog.published")
    desk = Desk(hooked)
    page = (await desk.get("definitions/pages/home"))["body"]
    [first, second] = page["experiences"]
    changed = {**first, "overrides": {"hero": {"settings": {"title": "Hello"}}}}
    await desk.save("pages/home", {**page, "experiences": [changed, {**second, "key": "shoppers"}]})
    await desk.save("segments/rich", {"rule": "user.balance >= 6_000"})
    await desk.published("segments/rich")
    published = await desk.published("pages/home")
    got = await receiver.until(3)
    assert [one.event for one in got] == ["catalog.published", "catalog.published", "experience.published"]
    data = got[2].json["data"]
    assert data["publication"]["id"] == published["id"]
    told = [(one["kind"], one["key"], one["experience"], one["what"]) for one in data["experiences"]]
    home = ("pages", "home")
    assert told == [(*home, "students", "changed"), (*home, "shoppers", "added"), (*home, "buyers", "removed")]
    answered(await hooked.admin.post(f"/api/sites/shop/publications/{published['id']}/undo"), 201)
    await receiver.until(2, "experience.published")


async def test_a_new_secret_and_the_one_before_sign_for_a_while(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "job.failed")
    given = await told.ask("POST", "/secret", {"overlap": 2})
    new = given["secret"]
    assert new != told.secret and given["webhook"]["oldSecretUntil"] == hooked.now + 2 * 3_600_000
    await told.ask("POST", "/test", {})
    assert receiver.got[0].is_signed_with(new) and receiver.got[0].is_signed_with(told.secret)
    hooked.now += 2 * 3_600_000
    try:
        await told.ask("POST", "/test", {"event": "segment.left"})
        assert receiver.got[1].event == "segment.left"
        assert receiver.got[1].is_signed_with(new) and not receiver.got[1].is_signed_with(told.secret)
    finally:
        hooked.now -= 2 * 3_600_000
    last = await told.ask("POST", "/secret", {"overlap": 0})
    await told.ask("POST", "/test", {})
    assert receiver.got[2].is_signed_with(last["secret"]) and not receiver.got[2].is_signed_with(new)
    assert new not in (await hooked.admin.get(HOOKS)).text
    assert problem(await hooked.admin.post(f"{told.path}/secret", json={"overlap": 999}), 422) == "webhook.overlap"


async def test_a_failed_job_is_told_without_what_it_was_asked(hooked: Shop, receiver: Receiver) -> None:
    await hook(hooked, receiver, "job.failed")
    source = {"yaml": "what: people\nfiles: /nowhere/secret.csv\nmapping: {userId: customer}\n"}
    answered(await hooked.admin.put("/api/sites/shop/sources/crm", json=source), 200)
    await hooked.admin.post("/api/sites/shop/sources/crm/run", json={})
    [got] = await receiver.until(1)
    job = got.json["data"]["job"]
    assert (got.event, job["kind"], job["key"]) == ("job.failed", "pull", "crm") and job["reason"]["code"]
    assert "arguments" not in job


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"url": "ftp://x/"}, "webhook.url"),
    ({"url": "http://10.0.0.1/"}, "webhook.address"),
    ({"url": "http://2852039166/latest/meta-data"}, "webhook.address"),
    ({"url": "http://[::ffff:169.254.169.254]/"}, "webhook.address"),
    ({"url": "http://0x0a000001/"}, "webhook.address"),
    ({"events": []}, "webhook.events"),
    ({"events": ["segment.entered"]}, "webhook.segments"),
    ({"events": ["segment.entered"], "segments": ["rihc"]}, "webhook.segments"),
    ({"traits": ["blance"]}, "webhook.traits"),
    ({"name": "x" * 201}, "webhook.name"),
    ({"segments": ["rich", *(f"s{at}" for at in range(60))]}, "webhook.segments"),
]


@pytest.mark.parametrize(("body", "code"), WRONG)
async def test_what_can_not_be_is_refused(hooked: Shop, receiver: Receiver, body: dict[str, Any], code: str) -> None:
    whole = {"url": receiver.url, "events": ["job.failed"], **body}
    assert problem(await hooked.admin.post(HOOKS, json=whole), 422) == code
    told = await hook(hooked, receiver, "job.failed")
    assert problem(await hooked.admin.put(told.path, json=body), 422) == code
    assert (await told.view())["revision"] == 1


async def test_changes_are_revisions_in_the_audit_log(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "job.failed", name="CRM")
    changed = await told.ask("PUT", body={"events": ["segment.left"], "segments": ["rich"], "revision": 1})
    assert (changed["revision"], changed["events"]) == (2, ["segment.left"])
    late = await hooked.admin.put(told.path, json={"name": "x", "revision": 1})
    assert problem(late, 409) == "webhook.changed"
    lines = answered(await hooked.admin.get(f"/api/audit?text={told.id}"), 200)["entries"]
    said = [one["sentence"] for one in lines]
    assert any("changed the webhook CRM (revision 2): segment.left of rich to http://127.0.0.1" in one for one in said)
    assert not any("hook?a=1" in one for one in said), "a URL may hold a secret"
    none = await hooked.admin.put(f"{HOOKS}/none", json={})
    assert problem(none, 404) == "webhook.unknown"
    gone = await hooked.admin.post(f"{told.path}/deliveries/none/again")
    assert problem(gone, 404) == "delivery.unknown"
    await told.ask("PUT", body={"on": False})
    assert problem(await hooked.admin.post(f"{told.path}/deliveries/none/again"), 409) == "webhook.off"
    for at in range(19):
        await hook(hooked, receiver, "job.failed", name=str(at))
    body = {"url": receiver.url, "events": ["job.failed"]}
    assert problem(await hooked.admin.post(HOOKS, json=body), 422) == "webhook.many"


async def test_who_is_no_admin_sees_where_a_webhook_leads_and_no_more(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "job.failed")
    publisher = await signed_in(hooked, "pub@example.com", shop="publisher")
    [view] = answered(await publisher.ask("GET", HOOKS), 200)["webhooks"]
    assert view["url"].endswith("/…") and "hook" not in view["url"]
    assert problem(await publisher.ask("GET", f"{told.path}/log"), 403) == "access.role"
