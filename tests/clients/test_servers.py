"""The libraries of servers, unmodified: what they tell is kept as they told it, field by field."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from lenticular.profiles.event import Event
from tests.clients.client import client, needs, pings
from tests.clients.home import Home, Kept, bare
from tests.clients.libraries import NODE, RUDDER, SEGMENT_NODE, Library, each_library
from tests.clients.story import CALLS, GROUP, KEPT, KEPT_TRAITS, ORDERED, PINGS


def _same(found: list[Event], expected: list[Event]) -> None:
    """Compare events whatever their order; batches may overtake each other."""

    def order(event: Event) -> tuple[str, str, str]:
        return event.type, event.name, str(event.properties.get("n_n", 0)).zfill(8)

    for one, other in zip(sorted(map(bare, found), key=order), sorted(expected, key=order), strict=True):
        assert one == other


@each_library
async def test_everything_is_kept_as_it_was_told(home: Home, library: Library) -> None:
    kept = home.site(f"all-{library.name.replace('.', '-')}")
    began = time.time_ns() // 1_000_000
    async with library.start(home.url, kept.write_key) as told:
        assert told.version == library.version
        assert await told.tell(CALLS) == []
    ended = time.time_ns() // 1_000_000
    events = kept.events()
    _same(events, KEPT)
    assert len({event.message_id for event in events}) == len(CALLS)
    for event in events:
        if event.name == "Order Completed":  # its own time, and what the message took to come
            assert 0 <= event.time - ORDERED <= ended - began
        else:
            assert began <= event.time <= event.received <= ended
    _profile_is(kept)


def _profile_is(kept: Kept) -> None:
    kept.settle()
    profile = kept.profile("anonymous", "anon-1")
    assert (profile.user_id, sorted(profile.anonymous_ids)) == ("maya", ["anon-0", "anon-1"])
    assert profile.traits == KEPT_TRAITS
    assert profile.organizations == ["acme"]
    assert profile.session is not None
    assert profile.session.properties["t_language"] == "pt-BR"
    for rule in (
        "True",
        f'count("Ping") == {PINGS} and sum("Ping", n) == {sum(range(PINGS))}',
        'count("Order Completed", revenue == 99.5 and products.any(sku == "x" and price == 1.5)) == 1',
        'count("Page Viewed", context.utm_source == "jornal" and depth == 3) == 1',
        'count("Screen Viewed", field["name"] == "Konten") == 1',
        'user["address.city"] == "São Paulo" and user.account_types.has_all(["savings", "brokerage"])',
        f'organization(tier == "gold" and employees == {GROUP["employees"]})',
    ):
        assert kept.people(rule) == 1, rule


@each_library
async def test_the_largest_batches_that_it_makes_are_taken(home: Home, library: Library) -> None:
    kept = home.site(f"large-{library.name.replace('.', '-')}")
    calls = [{**call, "properties": {**call["properties"], "text": "ü" * 2_500}} for call in pings(0, 60)]
    large = [{**call, "properties": {**call["properties"], "text": "x" * 30_000}} for call in pings(60, 80)]
    async with library.start(home.url, kept.write_key, **library.batches) as told:
        assert await told.tell(calls + large) == []
    assert len(kept.events()) == 80


@pytest.mark.parametrize(
    ("library", "options"),
    [
        pytest.param(RUDDER, {"upload_size": 100}, id="rudder"),
        pytest.param(SEGMENT_NODE, {"flushAt": 100}, marks=needs("node"), id="node"),
    ],
)
async def test_batches_can_be_made_too_large(home: Home, library: Library, options: dict[str, Any]) -> None:
    """RudderStack's library makes them of up to 4 MB, and Node's counts their size wrongly: both are told."""
    kept = home.site(f"larger-{library.name}")
    large = [{**call, "properties": {"text": "x" * 30_000}} for call in pings(0, 20)]
    async with library.start(home.url, kept.write_key, **options) as told:
        said = await told.tell(large)
    assert said
    assert all("400" in each for each in said)
    assert kept.events() == []


@needs("node")
async def test_a_clock_that_is_wrong_by_a_year_is_put_right(home: Home) -> None:
    kept = home.site("clock")
    year = 365 * 86_400_000
    for off in (-year, year):
        began = time.time_ns() // 1_000_000
        async with client([*NODE, home.url, kept.write_key, json.dumps({"clockOff": off})]) as told:
            assert await told.tell(pings(0, 3)) == []
        ended = time.time_ns() // 1_000_000
        assert all(began <= event.time <= event.received <= ended for event in kept.events()[-3:])
