"""Organizations, consent and topics over Segment's wire: known to the next decision, and in the log the same."""

from __future__ import annotations

from typing import Any

import pytest

from lenticular.app.audience import person_at
from lenticular.criteria.person import Person
from tests.decide.world import SITE
from tests.web.shop import HOUR, Shop

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def send(shop: Shop, kind: str, **body: Any) -> None:
    answer = await shop.visitor.post(f"/v1/{kind}", json={"writeKey": SITE.write_key, **body})
    assert answer.status_code == 200, answer.text


def person(shop: Shop, user_id: str) -> Person:
    return shop.site.person(shop.site.collector.current("", user_id))


async def test_what_the_wire_says_is_known_at_once_and_the_log_says_the_same(shop: Shop) -> None:
    consent = {"consent": {"categoryPreferences": {"analytics": False, "Advertising": True}}}
    await send(shop, "group", userId="ana", groupId="acme", traits={"tier": "tin", "seats": 5, "id": "no"})
    await send(shop, "group", userId="ana", groupId="left")
    await send(shop, "track", userId="ana", event="Read", properties={"topics": ["travel"]}, context=consent)
    shop.now += 1
    await send(shop, "group", userId="rui", groupId="acme", traits={"tier": "gold"})
    await send(shop, "group", userId="ana", groupId="left", context={"active": False})
    ana = person(shop, "ana")
    assert ana.organizations == [{"t_id": "acme", "t_tier": "gold", "n_seats": 5.0}]
    assert (ana.withheld, ana.lists, [sum(days.values()) for days in ana.interests.values()]) == (1, [], [1])
    await shop.ask("settle")
    assert person(shop, "ana") == ana
    query = shop.site.stores.events.query
    rows = await query("SELECT organizations, withheld, lists FROM profiles FINAL WHERE user_id = 'ana'", {})
    assert rows == [(["acme"], 1, [])]
    of_acme = "SELECT traits.n_seats, traits.t_tier, traits.t_id FROM organizations FINAL WHERE version > 1"
    assert await query(of_acme, {}) == [(5.0, "gold", "acme")]
    types = (await shop.admin.get("/api/sites/shop/properties")).json()
    assert types["organization"] == {"id": "text", "seats": "number", "tier": "text"}
    logged = "SELECT count() FROM events WHERE type = 'group' AND toString(properties.t_group_id) IN ('acme', 'left')"
    assert await query(logged, {}) == [(4,)]
    assert shop.site.stores.profiles.quarantined() == []


async def test_interests_of_an_earlier_moment_come_from_the_log(shop: Shop) -> None:
    me = shop.someone()
    many = [f"t{at}" for at in range(25)]
    for name, topics in (("Read", ["art", "art", "cars"]), ("Impression", ["ads"]), ("Read", ["cars"]), ("Read", many)):
        await shop.track(me, name, properties={"topics": topics})
        shop.now += HOUR
    first = shop.now - 4 * HOUR
    await send(shop, "identify", anonymousId=me, userId=f"u-{me}")
    profile = shop.site.collector.current(me, "")
    assert profile is not None
    now = shop.site.person(profile)
    segments = shop.site.engine.segments
    today = segments.calendar.day(first)
    assert now.interests["cars"] == {today: 2}
    assert (await person_at(shop.site, profile.id, now, segments, shop.now)).interests == now.interests
    then = await person_at(shop.site, profile.id, now, segments, first)
    assert then.interests == {"art": {today: 1}, "cars": {today: 1}}
    assert (await person_at(shop.site, profile.id, now, segments, first - 1)).interests == {}
