"""What a receiver answers, and what becomes of what it does not take."""

from __future__ import annotations

import asyncio

import pytest

from tests.web.hooking import hook, published, sent, tries
from tests.web.shop import Shop
from tests.web.visitors import answered
from tests.webhooks.receiver import PATIENCE, Answer, Receiver, flood, rubbish, silence, status, trickle

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_fails_is_tried_again_under_the_same_id_and_given_up_after_a_day(
    hooked: Shop, receiver: Receiver
) -> None:
    told = await hook(hooked, receiver, "catalog.published")
    receiver.always = status(500, "no")
    await published(hooked, "user.balance >= 11_000")
    began = hooked.now
    try:
        for attempt in range(1, 9):
            log = await told.eventually(tries(attempt))
            assert log["attempts"][0]["attempt"] == attempt and log["attempts"][0]["answer"] == "no"
            [delivery] = log["deliveries"]
            if attempt == 8:
                break
            assert delivery["state"] == "waiting" and (await told.view())["waiting"] == 1
            assert (await told.view())["failing"] == began
            hooked.now = delivery["due"]
        assert delivery["state"] == "given-up" and (await told.view())["waiting"] == 0
        assert len({one.id for one in receiver.got}) == 1 and len(receiver.got) == 8
        stamps = [int(one.headers["webhook-timestamp"]) for one in receiver.got]
        assert stamps == sorted(set(stamps)) and all(one.is_signed_with(told.secret) for one in receiver.got)
        receiver.always = status(200)
        await told.ask("POST", f"/deliveries/{delivery['id']}/again", code=204)
        log = await told.eventually(lambda log: log["deliveries"][0]["state"] == "delivered")
        assert receiver.got[-1].id == delivery["id"] and (await told.view())["failing"] is None
    finally:
        hooked.now = began


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
    hooked: Shop, receiver: Receiver, answer: Answer, code: int | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await hook(hooked, receiver, "job.failed")
    if said:
        monkeypatch.setattr(hooked.installation.hooks.courier.sender, "patience", 0.3)
    receiver.always = answer
    tried = await told.ask("POST", "/test", {})
    assert tried["status"] == code and said in tried["error"] and len(tried["answer"]) <= 1024
    assert bool(tried["error"]) == (code is None) and tried["ms"] >= 0
    [got] = receiver.got
    assert got.is_signed_with(told.secret) and got.json["data"]["test"] is True and got.id.startswith("test_")
    assert (await told.log())["attempts"] == [tried]


async def test_a_receiver_that_is_gone_switches_its_webhook_off(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "catalog.published", name="Gone")
    receiver.always = status(410)
    await published(hooked, "user.balance >= 12_000")
    await told.eventually(lambda log: log["deliveries"] and log["deliveries"][0]["state"] == "given-up")
    view = await told.view()
    assert not view["on"] and "410" in view["reason"] and view["revision"] == 2
    [line, *_] = answered(await hooked.admin.get("/api/audit?what=webhook.off"), 200)["entries"]
    assert line["who"] == "Lenticular" and line["site"] == "shop" and "Gone" in line["sentence"]
    await published(hooked, "user.balance >= 12_001")
    receiver.always = status(200)
    view = await told.ask("PUT", body={"on": True})
    assert view["on"] and view["reason"] == "" and view["failing"] is None
    second = await published(hooked, "user.balance >= 12_002")
    await receiver.until(2)
    assert receiver.got[-1].json["data"]["publication"]["id"] == second, "what came while it was off is not told"


async def test_days_of_failures_switch_a_webhook_off(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "catalog.published")
    receiver.always = status(503)
    began = hooked.now
    try:
        await published(hooked, "user.balance >= 13_000")
        await told.eventually(lambda log: log["attempts"])
        hooked.now += 3 * 86_400_000
        await published(hooked, "user.balance >= 13_001")
        await told.eventually(lambda log: all(one["state"] == "given-up" for one in log["deliveries"]))
        view = await told.view()
        assert not view["on"] and "three days" in view["reason"] and view["waiting"] == 0
    finally:
        hooked.now = began


async def test_a_receiver_may_ask_for_more_time(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "catalog.published")
    receiver.answers = [status(429, "", retry_after="3600")]
    await published(hooked, "user.balance >= 14_000")
    [delivery] = (await told.eventually(lambda log: log["attempts"]))["deliveries"]
    assert delivery["due"] == hooked.now + 3_600_000


async def test_what_waits_keeps_its_order_until_one_has_failed_three_times(hooked: Shop, receiver: Receiver) -> None:
    told = await hook(hooked, receiver, "catalog.published")
    first = await published(hooked, "user.balance >= 15_000")
    await receiver.until(1)
    receiver.always = status(500)
    began = hooked.now
    try:
        ids = [await published(hooked, f"user.balance >= {15_001 + at}") for at in range(3)]
        for attempt in (1, 2):
            log = await told.eventually(tries(attempt + 1))
            assert sent(receiver)[1:] == [ids[0]] * attempt, "those behind wait"
            hooked.now = next(one["due"] for one in log["deliveries"] if one["attempts"] == attempt)
        receiver.answers = [status(500)]
        receiver.always = status(200)
        await told.eventually(lambda log: sum(one["state"] == "delivered" for one in log["deliveries"]) == 3)
        assert sent(receiver) == [first, *[ids[0]] * 3, ids[1], ids[2]]
        hooked.now += 86_400_000
        await told.eventually(lambda log: all(one["state"] == "delivered" for one in log["deliveries"]))
        assert sent(receiver)[-1] == ids[0]
    finally:
        hooked.now = began


async def test_what_can_not_be_written_down_is_not_sent_again_each_second(hooked: Shop, receiver: Receiver) -> None:
    """A full disk: it was sent, nobody can note that, and the receiver is left alone for a while."""
    told = await hook(hooked, receiver, "catalog.published")
    courier, database = hooked.installation.hooks.courier, hooked.installation.database
    full = "CREATE TRIGGER full BEFORE INSERT ON attempts BEGIN SELECT RAISE(FAIL, 'disk full'); END"
    with database.write() as connection:
        connection.exec_driver_sql(full)
    try:
        await published(hooked, "user.balance >= 16_000")
        await receiver.until(1)
        async with asyncio.timeout(PATIENCE):
            while told.id not in courier._pauses:
                await asyncio.sleep(0.02)
        until, seconds = courier._pauses[told.id]
        assert seconds == 5.0 and until > asyncio.get_running_loop().time() and len(receiver.got) == 1
    finally:
        with database.write() as connection:
            connection.exec_driver_sql("DROP TRIGGER full")
    courier._pauses[told.id] = 0.0, seconds
    courier.wake()
    await told.eventually(lambda log: log["deliveries"][0]["state"] == "delivered")
    assert len(receiver.got) == 2 and receiver.got[0].id == receiver.got[1].id and told.id not in courier._pauses
