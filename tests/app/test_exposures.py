"""What is recorded of who was shown what: once a visit, alike for those who are held out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lenticular.app.exposures import Exposures
from lenticular.app.publish import publish
from lenticular.catalog.site import Holdout
from lenticular.profiles.event import Event
from tests.web.shop import HOUR, Shop, open_shop

COLLEGE = {"url": "https://shop.example/college"}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as opened:
        yield opened


async def hold_out(shop: Shop, share: float) -> None:
    catalog = shop.site.engine.catalog
    site = msgspec.structs.replace(catalog.site, holdout=Holdout(share))
    await publish(shop.site, msgspec.structs.replace(catalog, site=site))


async def exposures(shop: Shop, who: str) -> list[Event]:
    """What the journal has of somebody's exposures, in order."""
    await shop.settled()
    read = shop.site.stores.journal.read(0, 100_000)
    return [one for _, one in read if one.anonymous_id == who and one.name.endswith(" Viewed")]


def plain(events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
    return [(one.name, {key.removeprefix("t_"): value for key, value in one.properties.items()}) for one in events]


DEFAULT_OFFERS = {"page": "/", "block": "offers", "collection": "offers", "reason": "DEFAULT"}


async def test_a_visit_is_exposed_once_to_each_thing(shop: Shop) -> None:
    await hold_out(shop, 0)
    for _ in range(3):
        await shop.decide("ana", page="/", context=COLLEGE)
    told = {"page": "/", "experience": "students", "segment": "students", "reason": "TARGETING_MATCH"}
    found = await exposures(shop, "ana")
    assert plain(found) == [("Experience Viewed", told), ("Variation Viewed", DEFAULT_OFFERS)]
    assert {one.time for one in found} == {shop.now}

    shop.now += 2 * HOUR  # the next visit, by another address: the default
    await shop.decide("ana", page="/", context={"url": "https://shop.example/"})
    later = (await exposures(shop, "ana"))[2:]
    assert plain(later)[0] == ("Experience Viewed", {"page": "/", "reason": "DEFAULT"}) and len(later) == 2


async def test_who_is_held_out_is_recorded_with_what_would_have_matched(shop: Shop) -> None:
    await hold_out(shop, 1)
    for at in range(2):
        await shop.track("bo", "Bought", messageId=f"bo-{at}", properties={"price": 12})
    answer = await shop.decide("bo", page="/", context=COLLEGE)
    offers = next(block for block in answer["page"]["blocks"] if block["id"] == "offers")
    assert answer["page"]["reason"] == offers["reason"] == "HOLDOUT" and offers["heldOut"] == {"variation": "buyers"}
    assert plain(await exposures(shop, "bo")) == [
        ("Experience Viewed", {"page": "/", "experience": "students", "segment": "students", "reason": "HOLDOUT"}),
        ("Variation Viewed", {**DEFAULT_OFFERS, "variation": "buyers", "reason": "HOLDOUT"}),
    ]


async def test_another_process_records_the_same_message(shop: Shop) -> None:
    await hold_out(shop, 0)
    await shop.decide("cy", page="/", context=COLLEGE)
    before = await exposures(shop, "cy")
    shop.site.exposures = Exposures()
    await shop.decide("cy", page="/", context=COLLEGE)
    after = await exposures(shop, "cy")
    assert {one.message_id for one in after} == {one.message_id for one in before} and len(before) == 2


async def test_what_leaves_no_trace(shop: Shop) -> None:
    """Nobody in particular, pages without experiences, machines."""
    await hold_out(shop, 0)
    await shop.decide("", page="/", context=COLLEGE)
    assert await exposures(shop, "") == []
    await shop.decide("robot", page="/", context={**COLLEGE, "bot": True})
    await shop.decide("dee", slots=["plain"])
    assert await exposures(shop, "robot") == await exposures(shop, "dee") == []
