"""Unmerge on a live site: decisions, counts, lists and explanations tell the two apart, wherever their events lie."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from lenticular.app import site as live
from lenticular.app.audience import Someone, why
from lenticular.app.count import Sampling
from lenticular.app.members import Asking, members
from lenticular.app.open import installation
from lenticular.app.past import complete, lacking, past_of
from lenticular.app.publish import publish
from lenticular.app.site import LiveSite
from lenticular.app.unmerge import Unmerging, unmerge
from lenticular.criteria.tally.limits import Limits
from lenticular.errors import LenticularError
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Fold
from tests.decide.world import SITE, catalog_of
from tests.profiles.worlds import World

NOW = 1_795_453_200_000
HOUR = 3_600_000
RULES = {
    "often": 'count("Ping", n > 3) >= 6',
    "recent": 'sum("Ping", n, within="30d") >= 40 and distinct("Ping", n, within="60d") >= 5',
    "chain": 'sequence(event("Ping", n == 1), event("Ping", n == 2), event("Ping", n == 3), within="60d")',
    "visit": 'count("Ping", within="session") >= 2',
    "regular": "session.number >= 4",
    "art": 'user.interests.has("art")',
    "pro": 'user.plan == "pro"',
    "acme": 'organization(id == "acme")',
    "listed": 'on_list("vip")',
    "open": 'segment("often") and user.plan is not None',
}
DEVICES = [f"d{at}" for at in range(8)]
USERS = [f"u{at}" for at in range(4)]


def said(dice: Random, number: int) -> Event:
    """Something that a device or a user does or says, at any time of the last weeks."""
    time = NOW - dice.randrange(40 * 24) * HOUR
    if dice.random() < 0.4:  # close to others
        time = NOW - dice.randrange(12) * 60 * HOUR - dice.randrange(4) * HOUR // 6
    device, user = dice.choice(DEVICES), ""
    if dice.random() < 0.3:
        device, user = "", dice.choice(USERS)
    elif dice.random() < 0.25:
        user = dice.choice(USERS)
    base = Event("track", f"m{number}", time, NOW, device, user)
    match dice.randrange(5) if dice.random() < 0.4 else 5:
        case 0:
            return msgspec.structs.replace(base, type="identify", traits={"t_plan": dice.choice(["pro", "free"])})
        case 1:
            return msgspec.structs.replace(base, type="group", group_id="acme", active=dice.random() < 0.7)
        case 2:
            return msgspec.structs.replace(base, type="member", trusted=True, lists={"vip": dice.random() < 0.7})
        case 3:
            return msgspec.structs.replace(base, type="identify", consent={"personalization": dice.random() < 0.7})
        case 4:
            previous = dice.choice([*USERS, *DEVICES])
            user = dice.choice(USERS)
            return msgspec.structs.replace(base, type="alias", user_id=user, previous_id=previous, trusted=True)
    properties: dict[str, Any] = {"n_n": float(dice.randrange(8))}
    if dice.random() < 0.3:
        properties["l_topics"] = ["art"]
    return msgspec.structs.replace(base, name="Ping", properties=properties)


async def in_the_log(site: LiveSite, key: str) -> set[str]:
    found = await members(site, key, None, Asking(limit=1_000), Sampling(above=1_000_000))
    return {one.profile for one in found.members}


async def agree(site: LiveSite) -> dict[str, set[str]]:
    """Return who is in which segment, as all ways to ask say alike."""
    await site.settle()
    segments, found = site.engine.segments, {key: set[str]() for key in site.engine.segments.trees}
    for stored in site.stores.profiles.everyone():
        if not stored.names:  # nothing leads to someone whose only device is another's by now
            continue
        kind, value = stored.names[0]
        asked = (value, "") if kind == "anonymous" else ("", value)
        profile = site.collector.current(*asked, wanted=lambda: segments.plan.tallies)
        assert profile is not None and profile.id == stored.id
        lacks = lacking(site, profile, segments.trees)
        assert not lacks or complete(site, profile, lacks, await past_of(site, profile, lacks))
        for key in segments.matching(segments.trees, site.person(profile), NOW):
            found[key].add(str(stored.id))
    known = {str(profile.id) for profile in site.stores.profiles.everyone() if profile.names}
    assert {key: await in_the_log(site, key) & known for key in found} == found
    return found


def a_fresh_fold(site: LiveSite) -> World:
    """Return what the whole journal gives, folded at once."""
    world = World(site.collector._plan)
    fold = Fold(world, site.engine.snapshot.calendar, {}, site.collector._plan)
    for seq, event in site.stores.journal.read(0, 100_000):
        fold.apply(seq, event)
    world.commit(fold.result(site.stores.journal.last()))
    return world


@pytest.mark.parametrize("seed", [1, 2])
async def test_worlds_with_merges_and_their_undoing(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_LIMITS", Limits(2, 4, 16) if seed % 2 else Limits())
    dice, names, numbers = Random(seed), (f"id{at}" for at in itertools.count()), itertools.count()
    catalog = catalog_of(
        properties={
            "event.n": {"scope": "event", "name": "n", "type": "number"},
            "user.plan": {"scope": "user", "name": "plan", "type": "text"},
        },
        segments={**{key: {"rule": rule} for key, rule in RULES.items()}, "vip": {"static": True}},
    )
    undone, refused, everywhere = 0, 0, set[str]()
    async with asyncio.timeout(100), installation(tmp_path, lambda: NOW, lambda: next(names), create=True) as opened:
        site = await opened.ensure(msgspec.structs.replace(SITE))
        await publish(site, catalog)
        for _ in range(3):
            await site.accept([said(dice, next(numbers)) for _ in range(80)])
            for who in dice.sample([*DEVICES, *USERS], 6):
                asked = Unmerging(who, "") if who in USERS else Unmerging("", who)
                try:
                    answer = await unmerge(site, asked)
                except LenticularError:
                    refused += 1
                    continue
                undone += 1
                assert answer.taken and who in (
                    answer.back.user_id,
                    *answer.back.other_user_ids,
                    *answer.back.anonymous_ids,
                )
                if dice.random() < 0.3:
                    await agree(site)
            everywhere |= {key for key, found in (await agree(site)).items() if found}
        world = a_fresh_fold(site)
        stored = {profile.id: profile for profile in site.stores.profiles.everyone()}
        assert {key: world.get(key) for key in world.profiles} == stored
    assert undone >= 2 and refused and everywhere >= {"often", "visit", "regular", "art", "pro", "acme", "listed"}


async def test_an_explanation_tells_the_two_apart(tmp_path: Path) -> None:
    names = (f"id{at}" for at in itertools.count())
    async with asyncio.timeout(100), installation(tmp_path, lambda: NOW, lambda: next(names), create=True) as opened:
        site = await opened.ensure(msgspec.structs.replace(SITE))
        await publish(site, catalog_of(segments={"thrice": {"rule": 'count("Ping") >= 3'}}))

        async def ping(message_id: str, **identity: str) -> None:
            event = Event("track", message_id, NOW - HOUR, NOW, name="Ping")
            await site.accept([msgspec.structs.replace(event, **identity)])

        await ping("m1", anonymous_id="phone")
        await ping("m2", user_id="u")
        await site.accept([Event("identify", "i", NOW, NOW, "phone", "u")])
        await ping("m3", anonymous_id="phone")
        assert (await why(site, "thrice", Someone("u"))).member
        assert len(await in_the_log(site, "thrice")) == 1
        asked = Unmerging(anonymous_id="phone", message_id="once")
        first = await unmerge(site, asked)
        again = await unmerge(site, asked)
        assert (again.back, again.taken) == (first.back, None)
        for rule, phone, user in (('count("Ping") == 1', True, False), ('count("Ping") == 2', False, True)):
            assert (await why(site, rule, Someone(anonymous_id="phone"))).member is phone
            assert (await why(site, rule, Someone("u"))).member is user
        await site.settle()
        assert await in_the_log(site, "thrice") == set()
        await ping("m4", anonymous_id="phone")
        await ping("m5", anonymous_id="phone", user_id="u")
        assert (await why(site, "thrice", Someone("u"))).member
        assert (await why(site, 'count("Ping") == 2', Someone(anonymous_id="phone"))).member
        # A behaviour that comes later is counted from the log, for each of the two.
        await publish(site, catalog_of(segments={"later": {"rule": 'count("Ping", within="2d") == 3'}}))
        await site.backfill.complete()
        for who, member in ((Someone("u"), True), (Someone(anonymous_id="phone"), False)):
            assert (await why(site, "later", who)).member is member
        [taken] = await in_the_log(site, "later")
        assert first.taken and taken == first.taken.profile
        with pytest.raises(LenticularError, match="Nobody was joined to the profile of 'phone'"):
            await unmerge(site, Unmerging(anonymous_id="phone"))
