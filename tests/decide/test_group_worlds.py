"""Caps of collections and groups against a slow model that keeps all impressions, on one page and in many tabs."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.pressure import Pressure
from lenticular.criteria.calendar import calendar_of
from lenticular.decide.cap import Moment, kept_back, ready_cap, room
from lenticular.decide.decide import decide
from lenticular.decide.group import Group
from lenticular.decide.remembering import Decider
from lenticular.decide.request import Request, Visitor
from lenticular.decide.reservations import RESERVED, Reservations
from lenticular.decide.snapshot import compile_snapshot
from lenticular.profiles.merge import add_shown
from lenticular.profiles.profile import Profile, Shown
from tests.decide.test_cap_worlds import STARTS, ZONES, bucket
from tests.decide.world import catalog_of

ITEMS = [f"i{at}" for at in range(6)]
PROMOTIONS, SOME = {"i0", "i1", "i2", "i3"}, {"i0", "i1", "i4"}
CAPS = st.builds(
    FrequencyCap,
    limit=st.integers(1, 4),
    per=st.sampled_from(["session", "day", "week", "month", "lifetime"]),
    gap=st.sampled_from([None, "10m", "5h"]),
) | st.builds(FrequencyCap, gap=st.sampled_from(["30s", "2h", "2d"]))
STEPS = st.lists(st.sampled_from(["ask", "ask", "see", "see", "minute", "hours", "session"]), min_size=4, max_size=30)


def _catalog(pressure: FrequencyCap | None, cap: FrequencyCap | None, zone: str) -> Catalog:
    content = {key: {"type": "offer", "tags": ["promotion"] if key in PROMOTIONS else []} for key in ITEMS}
    catalog = catalog_of(
        content=content,
        collections={"some": {"items": ["i0", "i1", "i4"]}, "all": {"items": ITEMS, "limit": 4}},
        slots={key: {"block": {"kind": "list", "collection": key}} for key in ("some", "all")},
    )
    some = replace(catalog.collections["some"], cap=cap)
    groups = (Pressure("promotions", pressure, tags=("promotion",)),) if pressure else ()
    site = replace(catalog.site, pressure=groups, timezone=zone)
    return replace(catalog, site=site, collections={**catalog.collections, "some": some})


@settings(max_examples=150, deadline=None)
@given(CAPS, st.none() | CAPS, STEPS, st.sampled_from(ZONES), st.sampled_from(STARTS))
def test_never_more_than_the_caps_allow(
    pressure: FrequencyCap, cap: FrequencyCap | None, steps: list[str], zone: str, start: str
) -> None:
    snapshot, book = compile_snapshot(_catalog(pressure, cap, zone)), Reservations()
    decider, request = Decider(snapshot), Request(None, ("some", "all"))
    now = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp() * 1000)
    sessions, seen, tabs = [now], list[tuple[int, str, str]](), list[tuple[str, int, tuple[str, ...]]]()
    profile = Profile(1, first_seen=now)
    for number, step in enumerate(steps):
        if step == "ask":
            visitor = Visitor(profile.shown, sessions[-1], book.active([1], now))
            outcome = decider.decide(request, frozenset(), visitor, now, f"d{number}")
            assert outcome == decide(snapshot, request, frozenset(), visitor, now, f"d{number}")
            if cap is not None and cap.limit is not None:
                here = bucket(now, cap.per, zone, sessions)
                before = sum(bucket(at, cap.per, zone, sessions) == here for at, item, _ in seen if item in SOME)
                coming = sum(len(ends) for item, ends in book.active([1], now).items() if item in SOME)
                assert len(outcome.decision.slots["some"].items) <= max(0, cap.limit - before - coming)
            book.reserve([1], outcome.reserve, f"d{number}", now)
            shown = {name: {item.key for item in slot.items} for name, slot in outcome.decision.slots.items()}
            assert shown["some"].isdisjoint(shown["all"])
            assert len(shown["all"]) == 4 or "i5" in shown["all"]  # nothing keeps that one back
            tabs.append((f"d{number}", now, tuple(sorted(shown["some"] | shown["all"]))))
        elif step == "see" and tabs:
            decision, asked, items = tabs.pop(0)
            if now < asked + RESERVED:
                for item in items:
                    seen.append((now, item, decision))
                    add_shown(profile, item, Shown(1, [now]))
                    book.release([1], item, decision)
        else:
            now += {"minute": 61_000, "hours": 7 * 3_600_000 + 13}.get(step, 0)
        if step == "session":
            now += 1
            sessions.append(now)
    _holds(pressure, [(at, decision) for at, item, decision in seen if item in PROMOTIONS], zone, sessions)


def _holds(cap: FrequencyCap, seen: list[tuple[int, str]], zone: str, sessions: list[int]) -> None:
    if cap.limit is not None:
        buckets = [bucket(at, cap.per, zone, sessions) for at, _ in seen]
        assert all(buckets.count(one) <= cap.limit for one in buckets)
    gap = ready_cap(cap).gap
    if gap:
        assert all(after[0] - before[0] >= gap for before, after in pairwise(seen) if before[1] != after[1])


@settings(max_examples=300, deadline=None)
@given(
    CAPS,
    st.lists(st.tuples(st.sampled_from(["a", "b", "c", "x"]), st.integers(-40 * 86_400, 60)), max_size=8),
    st.lists(st.tuples(st.sampled_from(["a", "b", "x"]), st.integers(-30, 60)), max_size=3),
    st.integers(0, 2),
    st.sampled_from(ZONES),
)
def test_a_group_is_one_item_with_all_impressions(
    cap: FrequencyCap, views: list[tuple[str, int]], reserved: list[tuple[str, int]], own: int, zone: str
) -> None:
    now = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp() * 1000)
    moment = Moment(now, now - 3_600_000, calendar_of(zone))
    group = Group("g", "G", "group", ready_cap(cap), frozenset("abc"))
    profile = Profile(1, first_seen=0)
    for item, seconds in sorted(views, key=lambda view: view[1]):
        add_shown(profile, item, Shown(1, [now + seconds * 1_000]))
    times = sorted(now + seconds * 1_000 for item, seconds in views if item != "x")
    ends = [now + seconds * 1_000 for item, seconds in reserved if item != "x"]
    book: dict[str, tuple[int, ...]] = {}
    for item, seconds in reserved:
        book[item] = (*book.get(item, ()), now + seconds * 1_000)
    told = group.seen(profile.shown), group.reserved(book)
    assert (told[0].times if told[0] else []) == times and sorted(told[1]) == sorted(ends)
    one = Shown(len(times), times) if times else None
    kept = kept_back(group.cap, *told, moment, [now + RESERVED] * own)
    assert kept == kept_back(group.cap, one, ends, moment, [now + RESERVED] * own)
    left, apart = room(group.cap, *told, moment)
    assert (kept is None) == ((not group.cap.limit or left > own) and apart)
    if kept is not None and kept.until is not None and own == 0 and not any(seconds > 0 for _, seconds in views):
        free = replace(moment, now=kept.until)
        assert kept_back(group.cap, *told, free) is None


@pytest.mark.parametrize("part", range(4))
def test_a_list_is_walked_as_by_who_asks_for_each_item(part: int) -> None:
    """What is skipped as its group is full would be kept back: the explanation, which skips nothing, agrees."""
    now = int(datetime(2026, 11, 23, 19, tzinfo=UTC).timestamp() * 1000)
    keys = [f"i{at}" for at in range(9)]
    for seed in range(part * 400, part * 400 + 400):
        random = Random(seed)

        def cap(most: int, instead: float, random: Random = random) -> FrequencyCap:
            other = random.choice(keys) if random.random() < instead else None
            return FrequencyCap(random.randint(1, most), "day", instead=other)

        def half(one: FrequencyCap, random: Random = random) -> FrequencyCap | None:
            return one if random.random() < 0.5 else None

        content = {key: {"type": "offer", "tags": [tag for tag in "xy" if random.random() < 0.5]} for key in keys}
        catalog = catalog_of(
            content=content,
            collections={"some": {"items": random.sample(keys, 9), "limit": random.randint(1, 6)}},
            slots={"some": {"block": {"kind": "list", "collection": "some"}}},
        )
        some = replace(catalog.collections["some"], cap=half(cap(3, 0.8)))
        own = {key: replace(item, cap=half(cap(1, 1))) for key, item in catalog.content.items()}
        site = replace(catalog.site, pressure=tuple(Pressure(tag, cap(2, 0.2), tags=(tag,)) for tag in "xy"))
        snapshot = compile_snapshot(replace(catalog, site=site, content=own, collections={"some": some}))
        visitor = Visitor({key: Shown(1, [now - 1]) for key in random.sample(keys, random.randint(1, 6))})
        found = [
            decide(snapshot, Request(None, ("some",), explain), frozenset(), visitor, now, "d").decision.slots
            for explain in (False, True)
        ]
        assert found[0] == found[1], seed
