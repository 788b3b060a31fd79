"""Webhooks: what happens is told to a real receiver, signed, in order, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from lenticular.settings import Settings
from tests.decide.world import SITE
from tests.web.editing import Desk
from tests.web.shop import Shop, open_shop
from tests.web.visitors import Browser, answered, problem, signed_in
from tests.webhooks.receiver import (
    PATIENCE,
    Answer,
    Receiver,
    flood,
    receiving,
    rubbish,
    silence,
    status,
    trickle,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")
HOOKS = "/api/sites/shop/webhooks"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    folder = tmp_path_factory.mktemp("webhooks")
    async with open_shop(folder, Settings(webhook_networks="127.0.0.0/8")) as shop:
        yield shop
        await Browser.close_all()


class Hook:
    """A webhook of the shop, and its receiver."""

    def __init__(self, shop: Shop, receiver: Receiver, given: Any) -> None:
        self.shop, self.receiver = shop, receiver
        self.secret = given["secret"]
        self.id = given["webhook"]["id"]
        self.path = f"{HOOKS}/{self.id}"

    async def ask(self, method: str, path: str = "", body: Any = None, code: int = 200) -> Any:
        return answered(await self.shop.admin.request(method, self.path + path, json=body), code)

    async def view(self) -> Any:
        listed = answered(await self.shop.admin.get(HOOKS), 200)["webhooks"]
        return next(one for one in listed if one["id"] == self.id)

    async def log(self) -> Any:
        return await self.ask("GET", "/log")

    async def eventually(self, what: Callable[[Any], bool]) -> Any:
        """Return the log once it is as it must be."""
        async with asyncio.timeout(PATIENCE):
            while not what(found := await self.log()):
                await asyncio.sleep(0.02)
            return found


@pytest_asyncio.fixture(loop_scope="session")
async def receiver(own: Shop) -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found
    for one in answered(await own.admin.get(HOOKS), 200)["webhooks"]:
        answered(await own.admin.delete(f"{HOOKS}/{one['id']}"), 204)


async def hook(shop: Shop, receiver: Receiver, *events: str, **more: Any) -> Hook:
    body = {"url": receiver.url, "events": events, **more}
    return Hook(shop, receiver, answered(await shop.admin.post(HOOKS, json=body), 201))


async def test_a_publication_is_told_and_signed(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "catalog.published", name="CRM")
    desk = Desk(own)
    await desk.save("segments/rich", {"rule": "user.balance >= 5_000"})
    published = await desk.published("segments/rich", note="More")
    [got] = await receiver.until(1)
    assert got.line == "POST /hook?a=1 HTTP/1.1" and got.is_signed_with(told.secret)
    assert got.headers["content-type"] == "application/json" and got.headers["user-agent"].startswith("Lenticular/")
    assert got.headers["webhook-timestamp"] == str(own.now // 1000)
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


async def test_pages_and_slots_tell_which_experiences_changed(own: Shop, receiver: Receiver) -> None:
    await hook(own, receiver, "experience.published", "catalog.published")
    desk = Desk(own)
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
    answered(await own.admin.post(f"/api/sites/shop/publications/{published['id']}/undo"), 201)
    await receiver.until(2, "experience.published")


async def ready(own: Shop, *segments: str) -> None:
    """Return when it is noted who is inside some segments."""
    watched = own.installation.hooks.rounds["shop"].watch.watched
    async with asyncio.timeout(PATIENCE):
        while any(watched[key].new or watched[key].upto < watched[key].last for key in segments):
            await asyncio.sleep(0.02)


async def buy(own: Shop, who: str, times: int = 2) -> None:
    for _ in range(times):
        await own.track(who, "Bought", properties={"price": 20})


def people(receiver: Receiver, event: str) -> list[str]:
    """Return whom was told of, in order, by their first anonymous id."""
    told = [one.json["data"]["people"] for one in receiver.got if one.event == event]
    return [person["anonymousIds"][0] for part in told for person in part]


async def test_who_enters_and_leaves_by_an_event_is_told_within_seconds(own: Shop, receiver: Receiver) -> None:
    inside, outside, rich = own.someone(), own.someone(), own.someone()
    await buy(own, inside)
    await own.track(outside, "Seen")
    await own.settled()
    await hook(own, receiver, "segment.entered", "segment.left", segments=["buyers", "rich"])
    await ready(own, "buyers", "rich")
    await buy(own, outside, 3)
    await buy(own, inside)
    [got] = await receiver.until(1)
    data = got.json["data"]
    assert (got.event, data["segment"]) == ("segment.entered", "buyers")
    [person] = data["people"]
    assert person["anonymousIds"] == [outside] and person["userId"] is None and "traits" not in person
    assert person["merged"] == [] and person["profileId"].isdecimal() and person["at"].endswith("Z")
    for balance in (9_000, 9_001, 5):
        await identify(own, anonymousId=rich, userId="u-rich", traits={"balance": balance})
    await receiver.until(1, "segment.left")
    assert people(receiver, "segment.entered") == [outside, rich]
    assert people(receiver, "segment.left") == [rich]
    assert receiver.got[-1].json["data"]["people"][0]["userId"] == "u-rich"


async def test_what_time_moves_is_told_when_segments_are_counted_and_nothing_twice(
    own: Shop, receiver: Receiver
) -> None:
    await hook(own, receiver, "segment.entered", "segment.left", segments=["buyers"])
    await ready(own, "buyers")
    long, short, never = own.someone(), own.someone(), own.someone()
    await buy(own, long)
    await own.settled()
    await receiver.until(1, "segment.entered")
    count = await counted(own)
    assert count == "done"
    await buy(own, short)
    await own.track(never, "Seen")
    await own.settled()
    await receiver.until(2)
    before = own.now
    try:
        own.now += 8 * 86_400_000
        assert await counted(own) == "done"
        await receiver.until(1, "segment.left")
        async with asyncio.timeout(PATIENCE):
            while {long, short} - set(people(receiver, "segment.left")):
                await asyncio.sleep(0.02)
        assert await counted(own) == "done"
        await buy(own, never)
        await receiver.until(3, "segment.entered")
        assert sorted(set(people(receiver, "segment.left"))) == sorted(people(receiver, "segment.left"))
        assert people(receiver, "segment.entered") == [long, short, never]
    finally:
        own.now = before


async def counted(own: Shop) -> str:
    """Count the members of all segments, and return how that went."""
    answer = await own.admin.post("/api/sites/shop/jobs", json={"kind": "segment-sizes"})
    job = answered(answer, answer.status_code)
    async with asyncio.timeout(PATIENCE):
        while True:
            found = answered(await own.admin.get(f"/api/sites/shop/jobs/{job['id']}"), 200)
            if found["state"] not in ("waiting", "running"):
                await own.installation.hooks.settled()
                return str(found["state"])
            await asyncio.sleep(0.02)


async def test_two_that_become_one_are_told_of_once(own: Shop, receiver: Receiver) -> None:
    """Both were told to be inside, one of them by a name that is gone."""
    await hook(own, receiver, "segment.entered", "segment.left", segments=["rich"], traits=["balance"])
    await ready(own, "rich")
    first, second = own.someone(), own.someone()
    for who in (first, second):
        await identify(own, anonymousId=who, traits={"balance": 9_000})
        await receiver.until(1 if who == first else 2)
    ids = [one["profileId"] for got in receiver.got for one in got.json["data"]["people"]]
    for who in (first, second):
        await identify(own, anonymousId=who, userId="u-both")
    await identify(own, userId="u-both", traits={"balance": 1})
    left = [one for got in await receiver.until(1, "segment.left") for one in got.json["data"]["people"]]
    assert people(receiver, "segment.entered") == [first, second]
    [person] = left
    assert sorted(person["anonymousIds"]) == sorted([first, second]) and person["userId"] == "u-both"
    assert sorted([person["profileId"], *person["merged"]]) == sorted(ids)
    assert person["traits"] == {"balance": 1}


async def identify(own: Shop, **message: Any) -> None:
    own.now += 1  # the last word about a trait is the one that came last
    answer = await own.visitor.post("/v1/identify", json={**message, "writeKey": SITE.write_key})
    assert answer.status_code == 200, answer.text
    await own.settled()


async def test_many_people_come_in_parts_in_their_order(own: Shop, receiver: Receiver) -> None:
    await hook(own, receiver, "segment.entered", segments=["rich"])
    await ready(own, "rich")
    names = [f"crowd-{at}" for at in range(1_100)]
    for at in range(0, len(names), 100):
        batch = [{"type": "identify", "anonymousId": one, "traits": {"balance": 9_000}} for one in names[at : at + 100]]
        answer = await own.visitor.post("/v1/batch", json={"batch": batch, "writeKey": SITE.write_key})
        assert answer.status_code == 200
    async with asyncio.timeout(PATIENCE):
        while len(people(receiver, "segment.entered")) < len(names):
            await asyncio.sleep(0.02)
    assert people(receiver, "segment.entered") == names
    assert max(len(one.json["data"]["people"]) for one in receiver.got) <= 500


async def test_consent_that_is_withdrawn_takes_out_of_a_segment(own: Shop, receiver: Receiver) -> None:
    await hook(own, receiver, "segment.left", "segment.entered", segments=["rich"], traits=["balance"])
    await ready(own, "rich")
    who = own.someone()
    await identify(own, anonymousId=who, traits={"balance": 9_000})
    await receiver.until(1)
    consent = {"consent": {"categoryPreferences": {"personalization": False}}}
    await identify(own, anonymousId=who, context=consent)
    [left] = await receiver.until(1, "segment.left")
    [person] = left.json["data"]["people"]
    assert person["anonymousIds"] == [who] and person["traits"] == {"balance": None}


def tries(count: int) -> Callable[[Any], bool]:
    """Return whether a log has so many tries."""
    return lambda log: len(log["attempts"]) == count


async def published(own: Shop, rule: str) -> int:
    """Publish something that webhooks are told of."""
    desk = Desk(own)
    await desk.save("segments/rich", {"rule": rule})
    return int((await desk.published("segments/rich"))["id"])


async def test_what_fails_is_tried_again_under_the_same_id_and_given_up_after_a_day(
    own: Shop, receiver: Receiver
) -> None:
    told = await hook(own, receiver, "catalog.published")
    receiver.always = status(500, "no")
    await published(own, "user.balance >= 11_000")
    began = own.now
    try:
        for attempt in range(1, 9):
            log = await told.eventually(tries(attempt))
            assert log["attempts"][0]["attempt"] == attempt and log["attempts"][0]["answer"] == "no"
            [delivery] = log["deliveries"]
            if attempt == 8:
                break
            assert delivery["state"] == "waiting" and (await told.view())["waiting"] == 1
            assert (await told.view())["failing"] == began
            own.now = delivery["due"]
        assert delivery["state"] == "given-up" and (await told.view())["waiting"] == 0
        assert len({one.id for one in receiver.got}) == 1 and len(receiver.got) == 8
        stamps = [int(one.headers["webhook-timestamp"]) for one in receiver.got]
        assert stamps == sorted(set(stamps)) and all(one.is_signed_with(told.secret) for one in receiver.got)
        receiver.always = status(200)
        await told.ask("POST", f"/deliveries/{delivery['id']}/again", code=204)
        log = await told.eventually(lambda log: log["deliveries"][0]["state"] == "delivered")
        assert receiver.got[-1].id == delivery["id"] and (await told.view())["failing"] is None
    finally:
        own.now = began


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (status(404), 404, ""),
        (status(500, "sorry"), 500, ""),
        (status(302, "", location="http://127.0.0.1:1/"), 302, ""),
        (status(200, "z" * 5_000), 200, ""),
        (flood, 200, ""),
        (silence, None, "within 0.3 seconds"),
        (trickle, None, "within 0.3 seconds"),
        (rubbish, None, ""),
    ],
)
async def test_whatever_comes_back_is_kept_as_far_as_it_is_of_use(
    own: Shop, receiver: Receiver, answer: Answer, code: int | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await hook(own, receiver, "job.failed")
    if said:
        monkeypatch.setattr(own.installation.hooks.courier.sender, "patience", 0.3)
    receiver.always = answer
    tried = await told.ask("POST", "/test", {})
    assert tried["status"] == code and said in tried["error"] and len(tried["answer"]) <= 1024
    assert bool(tried["error"]) == (code is None) and tried["ms"] >= 0
    [got] = receiver.got
    assert got.is_signed_with(told.secret) and got.json["data"]["test"] is True and got.id.startswith("test_")
    assert (await told.log())["attempts"] == [tried]


async def test_a_receiver_that_is_gone_switches_its_webhook_off(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "catalog.published", name="Gone")
    receiver.always = status(410)
    await published(own, "user.balance >= 12_000")
    await told.eventually(lambda log: log["deliveries"] and log["deliveries"][0]["state"] == "given-up")
    view = await told.view()
    assert not view["on"] and "410" in view["reason"] and view["revision"] == 2
    [line, *_] = answered(await own.admin.get("/api/audit?what=webhook.off"), 200)["entries"]
    assert line["who"] == "Lenticular" and line["site"] == "shop" and "Gone" in line["sentence"]
    await published(own, "user.balance >= 12_001")
    receiver.always = status(200)
    view = await told.ask("PUT", body={"on": True})
    assert view["on"] and view["reason"] == "" and view["failing"] is None
    second = await published(own, "user.balance >= 12_002")
    await receiver.until(2)
    assert receiver.got[-1].json["data"]["publication"]["id"] == second, "what came while it was off is not told"


async def test_days_of_failures_switch_a_webhook_off(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "catalog.published")
    receiver.always = status(503)
    began = own.now
    try:
        await published(own, "user.balance >= 13_000")
        await told.eventually(lambda log: log["attempts"])
        own.now += 3 * 86_400_000
        await published(own, "user.balance >= 13_001")
        await told.eventually(lambda log: all(one["state"] == "given-up" for one in log["deliveries"]))
        view = await told.view()
        assert not view["on"] and "three days" in view["reason"] and view["waiting"] == 0
    finally:
        own.now = began


async def test_a_receiver_may_ask_for_more_time(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "catalog.published")
    receiver.answers = [status(429, "", retry_after="3600")]
    await published(own, "user.balance >= 14_000")
    [delivery] = (await told.eventually(lambda log: log["attempts"]))["deliveries"]
    assert delivery["due"] == own.now + 3_600_000


async def test_what_waits_keeps_its_order_until_one_has_failed_three_times(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "catalog.published")
    first = await published(own, "user.balance >= 15_000")
    await receiver.until(1)
    receiver.always = status(500)
    began = own.now
    try:
        ids = [await published(own, f"user.balance >= {15_001 + at}") for at in range(3)]
        for attempt in (1, 2):
            log = await told.eventually(tries(attempt + 1))
            assert sent(receiver)[1:] == [ids[0]] * attempt, "those behind wait"
            own.now = next(one["due"] for one in log["deliveries"] if one["attempts"] == attempt)
        receiver.answers = [status(500)]
        receiver.always = status(200)
        await told.eventually(lambda log: sum(one["state"] == "delivered" for one in log["deliveries"]) == 3)
        assert sent(receiver) == [first, *[ids[0]] * 3, ids[1], ids[2]]
        own.now += 86_400_000
        await told.eventually(lambda log: all(one["state"] == "delivered" for one in log["deliveries"]))
        assert sent(receiver)[-1] == ids[0]
    finally:
        own.now = began


def sent(receiver: Receiver) -> list[int]:
    """Return which publications were sent, in order."""
    return [one.json["data"]["publication"]["id"] for one in receiver.got]


async def test_a_new_secret_and_the_one_before_sign_for_a_while(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "job.failed")
    given = await told.ask("POST", "/secret", {"overlap": 2})
    new = given["secret"]
    assert new != told.secret and given["webhook"]["oldSecretUntil"] == own.now + 2 * 3_600_000
    await told.ask("POST", "/test", {})
    assert receiver.got[0].is_signed_with(new) and receiver.got[0].is_signed_with(told.secret)
    own.now += 2 * 3_600_000
    try:
        await told.ask("POST", "/test", {"event": "segment.left"})
        assert receiver.got[1].event == "segment.left"
        assert receiver.got[1].is_signed_with(new) and not receiver.got[1].is_signed_with(told.secret)
    finally:
        own.now -= 2 * 3_600_000
    last = await told.ask("POST", "/secret", {"overlap": 0})
    await told.ask("POST", "/test", {})
    assert receiver.got[2].is_signed_with(last["secret"]) and not receiver.got[2].is_signed_with(new)
    assert new not in (await own.admin.get(HOOKS)).text
    assert problem(await own.admin.post(f"{told.path}/secret", json={"overlap": 999}), 422) == "webhook.overlap"


async def test_a_failed_job_is_told_without_what_it_was_asked(own: Shop, receiver: Receiver) -> None:
    await hook(own, receiver, "job.failed")
    source = {"yaml": "what: people\nfiles: /nowhere/secret.csv\nmapping: {userId: customer}\n"}
    answered(await own.admin.put("/api/sites/shop/sources/crm", json=source), 200)
    await own.admin.post("/api/sites/shop/sources/crm/run", json={})
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
async def test_what_can_not_be_is_refused(own: Shop, receiver: Receiver, body: dict[str, Any], code: str) -> None:
    whole = {"url": receiver.url, "events": ["job.failed"], **body}
    assert problem(await own.admin.post(HOOKS, json=whole), 422) == code
    told = await hook(own, receiver, "job.failed")
    assert problem(await own.admin.put(told.path, json=body), 422) == code
    assert (await told.view())["revision"] == 1


async def test_changes_are_revisions_in_the_audit_log(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "job.failed", name="CRM")
    changed = await told.ask("PUT", body={"events": ["segment.left"], "segments": ["rich"], "revision": 1})
    assert (changed["revision"], changed["events"]) == (2, ["segment.left"])
    late = await own.admin.put(told.path, json={"name": "x", "revision": 1})
    assert problem(late, 409) == "webhook.changed"
    lines = answered(await own.admin.get(f"/api/audit?text={told.id}"), 200)["entries"]
    said = [one["sentence"] for one in lines]
    assert any("changed the webhook CRM (revision 2): segment.left of rich to http://127.0.0.1" in one for one in said)
    assert not any("hook?a=1" in one for one in said), "a URL may hold a secret"
    none = await own.admin.put(f"{HOOKS}/none", json={})
    assert problem(none, 404) == "webhook.unknown"
    gone = await own.admin.post(f"{told.path}/deliveries/none/again")
    assert problem(gone, 404) == "delivery.unknown"
    await told.ask("PUT", body={"on": False})
    assert problem(await own.admin.post(f"{told.path}/deliveries/none/again"), 409) == "webhook.off"
    for at in range(19):
        await hook(own, receiver, "job.failed", name=str(at))
    body = {"url": receiver.url, "events": ["job.failed"]}
    assert problem(await own.admin.post(HOOKS, json=body), 422) == "webhook.many"


async def test_who_is_no_admin_sees_where_a_webhook_leads_and_no_more(own: Shop, receiver: Receiver) -> None:
    told = await hook(own, receiver, "job.failed")
    publisher = await signed_in(own, "pub@example.com", shop="publisher")
    [view] = answered(await publisher.ask("GET", HOOKS), 200)["webhooks"]
    assert view["url"].endswith("/…") and "hook" not in view["url"]
    assert problem(await publisher.ask("GET", f"{told.path}/log"), 403) == "access.role"


async def test_a_segment_that_goes_and_comes_is_watched_again(own: Shop, receiver: Receiver) -> None:
    desk = Desk(own)
    await desk.save("segments/passing", {"rule": "user.balance >= 500"})
    await desk.published("segments/passing")
    told = await hook(own, receiver, "segment.entered", "segment.left", segments=["passing"])
    await ready(own, "passing")
    await desk.put("segments/passing", {"action": "delete"}, "*")
    await desk.published("segments/passing")
    assert (await told.view())["problems"][0]["code"] == "webhook.segments"
    watched = own.installation.hooks.rounds["shop"].watch
    async with asyncio.timeout(PATIENCE):
        while watched.watched:
            await asyncio.sleep(0.02)
    await desk.save("segments/passing", {"rule": "user.balance >= 700"})
    await desk.published("segments/passing")
    async with asyncio.timeout(PATIENCE):
        while "passing" not in watched.watched:
            await asyncio.sleep(0.02)
    await ready(own, "passing")
    who = own.someone()
    await identify(own, anonymousId=who, traits={"balance": 800})
    await receiver.until(1)
    assert people(receiver, "segment.entered") == [who] and people(receiver, "segment.left") == []


async def test_a_rule_that_changes_moves_people(own: Shop, receiver: Receiver) -> None:
    desk = Desk(own)
    await desk.save("segments/changing", {"rule": "user.balance >= 20_000_000"})
    await desk.published("segments/changing")
    who = own.someone()
    await identify(own, anonymousId=who, traits={"balance": 10_000_000})
    await hook(own, receiver, "segment.entered", "segment.left", segments=["changing"])
    await ready(own, "changing")
    for bound, event in ((9_999_999, "segment.entered"), (20_000_001, "segment.left")):
        await desk.save("segments/changing", {"rule": f"user.balance >= {bound}"})
        await desk.published("segments/changing")
        await receiver.until(1, event)
    assert people(receiver, "segment.entered") == [who] == people(receiver, "segment.left")
