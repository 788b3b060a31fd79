"""Who enters and leaves a segment is told to a real receiver, once."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from tests.decide.world import SITE
from tests.web.editing import Desk
from tests.web.hooking import buy, counted, hook, identify, people, ready
from tests.web.shop import Shop
from tests.webhooks.receiver import PATIENCE, Receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_who_enters_and_leaves_by_an_event_is_told_within_seconds(hooked: Shop, receiver: Receiver) -> None:
    inside, outside, rich = hooked.someone(), hooked.someone(), hooked.someone()
    await buy(hooked, inside)
    await hooked.track(outside, "Seen")
    await hooked.settled()
    await hook(hooked, receiver, "segment.entered", "segment.left", segments=["buyers", "rich"])
    await ready(hooked, "buyers", "rich")
    await buy(hooked, outside, 3)
    await buy(hooked, inside)
    [got] = await receiver.until(1)
    data = got.json["data"]
    assert (got.event, data["segment"]) == ("segment.entered", "buyers")
    [person] = data["people"]
    assert person["anonymousIds"] == [outside] and person["userId"] is None and "traits" not in person
    assert person["merged"] == [] and person["profileId"].isdecimal() and person["at"].endswith("Z")
    for balance in (9_000, 9_001, 5):
        await identify(hooked, anonymousId=rich, userId="u-rich", traits={"balance": balance})
    await receiver.until(1, "segment.left")
    assert people(receiver, "segment.entered") == [outside, rich]
    assert people(receiver, "segment.left") == [rich]
    assert receiver.got[-1].json["data"]["people"][0]["userId"] == "u-rich"


async def test_what_time_moves_is_told_when_segments_are_counted_and_nothing_twice(
    hooked: Shop, receiver: Receiver
) -> None:
    await hook(hooked, receiver, "segment.entered", "segment.left", segments=["buyers"])
    await ready(hooked, "buyers")
    long, short, never = hooked.someone(), hooked.someone(), hooked.someone()
    await buy(hooked, long)
    await hooked.settled()
    await receiver.until(1, "segment.entered")
    count = await counted(hooked)
    assert count == "done"
    await buy(hooked, short)
    await hooked.track(never, "Seen")
    await hooked.settled()
    await receiver.until(2)
    before = hooked.now
    try:
        hooked.now += 8 * 86_400_000
        assert await counted(hooked) == "done"
        await receiver.until(1, "segment.left")
        async with asyncio.timeout(PATIENCE):
            while {long, short} - set(people(receiver, "segment.left")):
                await asyncio.sleep(0.02)
        assert await counted(hooked) == "done"
        await buy(hooked, never)
        await receiver.until(3, "segment.entered")
        assert sorted(set(people(receiver, "segment.left"))) == sorted(people(receiver, "segment.left"))
        assert people(receiver, "segment.entered") == [long, short, never]
    finally:
        hooked.now = before


async def test_two_that_become_one_are_told_of_once(hooked: Shop, receiver: Receiver) -> None:
    """Both were told to be inside, one of them by a name that is gone."""
    await hook(hooked, receiver, "segment.entered", "segment.left", segments=["rich"], traits=["balance"])
    await ready(hooked, "rich")
    first, second = hooked.someone(), hooked.someone()
    for who in (first, second):
        await identify(hooked, anonymousId=who, traits={"balance": 9_000})
        await receiver.until(1 if who == first else 2)
    ids = [one["profileId"] for got in receiver.got for one in got.json["data"]["people"]]
    for who in (first, second):
        await identify(hooked, anonymousId=who, userId="u-both")
    await identify(hooked, userId="u-both", traits={"balance": 1})
    left = [one for got in await receiver.until(1, "segment.left") for one in got.json["data"]["people"]]
    assert people(receiver, "segment.entered") == [first, second]
    [person] = left
    assert sorted(person["anonymousIds"]) == sorted([first, second]) and person["userId"] == "u-both"
    assert sorted([person["profileId"], *person["merged"]]) == sorted(ids)
    assert person["traits"] == {"balance": 1}


async def test_many_people_come_in_parts_in_their_order(hooked: Shop, receiver: Receiver) -> None:
    await hook(hooked, receiver, "segment.entered", segments=["rich"])
    await ready(hooked, "rich")
    names = [f"crowd-{at}" for at in range(1_100)]
    for at in range(0, len(names), 100):
        batch = [{"type": "identify", "anonymousId": one, "traits": {"balance": 9_000}} for one in names[at : at + 100]]
        answer = await hooked.visitor.post("/v1/batch", json={"batch": batch, "writeKey": SITE.write_key})
        assert answer.status_code == 200
    async with asyncio.timeout(PATIENCE):
        while len(people(receiver, "segment.entered")) < len(names):
            await asyncio.sleep(0.02)
    assert people(receiver, "segment.entered") == names
    assert max(len(one.json["data"]["people"]) for one in receiver.got) <= 500


async def test_consent_that_is_withdrawn_takes_out_of_a_segment(hooked: Shop, receiver: Receiver) -> None:
    await hook(hooked, receiver, "segment.left", "segment.entered", segments=["rich"], traits=["balance"])
    await ready(hooked, "rich")
    who = hooked.someone()
    await identify(hooked, anonymousId=who, traits={"balance": 9_000})
    await receiver.until(1)
    consent = {"consent": {"categoryPreferences": {"personalization": False}}}
    await identify(hooked, anonymousId=who, context=consent)
    [left] = await receiver.until(1, "segment.left")
    [person] = left.json["data"]["people"]
    assert person["anonymousIds"] == [who] and person["traits"] == {"balance": None}


async def test_a_segment_that_goes_and_comes_is_watched_again(hooked: Shop, receiver: Receiver) -> None:
    desk = Desk(hooked)
    await desk.save("segments/passing", {"rule": "user.balance >= 500"})
    await desk.published("segments/passing")
    told = await hook(hooked, receiver, "segment.entered", "segment.left", segments=["passing"])
    await ready(hooked, "passing")
    await desk.put("segments/passing", {"action": "delete"}, "*")
    await desk.published("segments/passing")
    assert (await told.view())["problems"][0]["code"] == "webhook.segments"
    watched = hooked.installation.hooks.rounds["shop"].watch
    async with asyncio.timeout(PATIENCE):
        while watched.watched:
            await asyncio.sleep(0.02)
    await desk.save("segments/passing", {"rule": "user.balance >= 700"})
    await desk.published("segments/passing")
    async with asyncio.timeout(PATIENCE):
        while "passing" not in watched.watched:
            await asyncio.sleep(0.02)
    await ready(hooked, "passing")
    who = hooked.someone()
    await identify(hooked, anonymousId=who, traits={"balance": 800})
    await receiver.until(1)
    assert people(receiver, "segment.entered") == [who] and people(receiver, "segment.left") == []


async def test_a_segment_is_told_of_under_its_new_key(hooked: Shop, receiver: Receiver) -> None:
    desk = Desk(hooked)
    await desk.save("segments/named", {"rule": "user.balance >= 600"})
    await desk.published("segments/named")
    told = await hook(hooked, receiver, "segment.entered", segments=["named"])
    await ready(hooked, "named")
    await desk.save("segments/named", {"rule": "user.balance >= 600", "key": "renamed"})
    await desk.published("segments/named")
    found = await told.view()
    assert (found["segments"], found["problems"]) == (["renamed"], [])
    watched = hooked.installation.hooks.rounds["shop"].watch
    async with asyncio.timeout(PATIENCE):
        while "renamed" not in watched.watched:
            await asyncio.sleep(0.02)
    await ready(hooked, "renamed")
    who = hooked.someone()
    await identify(hooked, anonymousId=who, traits={"balance": 800})
    await receiver.until(1)
    assert people(receiver, "segment.entered") == [who]
    assert receiver.got[-1].json["data"]["segment"] == "renamed"


async def test_a_rule_that_changes_moves_people(hooked: Shop, receiver: Receiver) -> None:
    desk = Desk(hooked)
    await desk.save("segments/changing", {"rule": "user.balance >= 20_000_000"})
    await desk.published("segments/changing")
    who = hooked.someone()
    await identify(hooked, anonymousId=who, traits={"balance": 10_000_000})
    await hook(hooked, receiver, "segment.entered", "segment.left", segments=["changing"])
    await ready(hooked, "changing")
    for bound, event in ((9_999_999, "segment.entered"), (20_000_001, "segment.left")):
        await desk.save("segments/changing", {"rule": f"user.balance >= {bound}"})
        await desk.published("segments/changing")
        await receiver.until(1, event)
    assert people(receiver, "segment.entered") == [who] == people(receiver, "segment.left")


async def test_who_is_inside_by_what_they_did_before_is_not_told_and_a_new_behaviour_moves(
    hooked: Shop, receiver: Receiver
) -> None:
    """The past of a new behaviour is counted from the log first; that takes a moment."""
    desk = Desk(hooked)
    before, after = hooked.someone(), hooked.someone()

    async def subscribe(who: str, times: int) -> None:
        for _ in range(times):
            await hooked.track(who, "Subscribed", properties={"price": 20})

    await subscribe(before, 3)
    await subscribe(after, 1)
    await hooked.site.settle()
    await desk.save("segments/regular", {"rule": 'count("Subscribed", price > 11) >= 3'})
    await desk.published("segments/regular")
    await hook(hooked, receiver, "segment.entered", "segment.left", segments=["regular"])
    await ready(hooked, "regular")
    await subscribe(before, 1)
    await subscribe(after, 2)
    await receiver.until(1)
    assert people(receiver, "segment.entered") == [after]
    await desk.save("segments/regular", {"rule": 'count("Subscribed", price > 12) >= 4'})
    await desk.published("segments/regular")
    await receiver.until(1, "segment.left")
    assert people(receiver, "segment.left") == [after] and people(receiver, "segment.entered") == [after]


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_happens_what_was_told_is_who_is_inside(hooked: Shop, receiver: Receiver, seed: int) -> None:
    """People come, buy, are known and become one, in batches: who was told of last is who belongs, and nobody twice."""
    dice = random.Random(seed)
    await hook(hooked, receiver, "segment.entered", "segment.left", segments=["rich", "buyers"])
    await ready(hooked, "rich", "buyers")
    for _ in range(25):
        hooked.now += 1
        batch = [something(dice, f"w{seed}", hooked.now) for _ in range(dice.randint(1, 40))]
        answer = await hooked.visitor.post("/v1/batch", json={"batch": batch, "writeKey": SITE.write_key})
        assert answer.status_code == 200, answer.text
        if dice.random() < 0.3:
            await told_all(hooked)
    await told_all(hooked)
    assert {one.event for one in receiver.got} == {"segment.entered", "segment.left"}
    gone = hooked.site.stores.profiles.merged()
    for segment in ("rich", "buyers"):
        inside = {str(gone.get(int(one), one)) for one in last_words(receiver, segment)}
        assert inside == await members(hooked, segment, f"w{seed}-")


async def members(hooked: Shop, segment: str, world: str) -> set[str]:
    """Return the profile ids of those of a world who belong to a segment."""
    found: set[str] = set()
    after: str | None = "0"
    while after is not None:
        page = await hooked.ask("members", rule=f'segment("{segment}")', limit=1_000, after=after)
        found |= {one["profile"] for one in page["members"] if one["anonymousIds"][0].startswith(world)}
        after = page["next"]
    return found


def something(dice: random.Random, world: str, now: int) -> dict[str, Any]:
    """Return something that one of a few people does."""
    who = dice.randrange(24)
    message: dict[str, Any] = {"anonymousId": f"{world}-{who}"}
    if dice.random() < 0.4:
        return {**message, "type": "track", "event": "Bought", "properties": {"price": dice.choice([5, 20])}}
    if dice.random() < 0.15:
        message["userId"] = f"{world}-user-{who // 3}"
    return {**message, "type": "identify", "traits": {"balance": dice.choice([1, 9_000])}}


async def told_all(hooked: Shop) -> None:
    """Return when every move was told and sent."""
    await hooked.site.settle()
    told, waiting = hooked.site.stores.profiles.told, hooked.installation.hooks.store.waiting
    async with asyncio.timeout(PATIENCE):
        while told.moves(0, 1):
            await asyncio.sleep(0.02)
        while await asyncio.to_thread(waiting):
            await asyncio.sleep(0.02)


def last_words(receiver: Receiver, segment: str) -> set[str]:
    """Return who was told to be inside and not to have left; fails where someone is told what was told before."""
    inside: set[str] = set()
    for one in receiver.got:
        if one.json["data"]["segment"] != segment:
            continue
        for person in one.json["data"]["people"]:
            names = {person["profileId"], *person["merged"]}
            assert bool(names & inside) == (one.event == "segment.left"), (one.event, person)
            inside -= names
            inside |= {person["profileId"]} if one.event == "segment.entered" else set()
    return inside
