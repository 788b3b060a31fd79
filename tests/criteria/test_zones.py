"""ClickHouse's zone tables are not Python's, and it does not matter: of local time SQL knows what Python bound.

Of the 598 zones that both knew when this was written (docs/adr/0014), 16 differed between 2000 and 2040: laws that
one of them had not heard of yet (Casablanca and Edmonton from 2026 on), and changes at a minute past the hour (St
John's until 2011, Casey until 2022), since ClickHouse's changes lie on quarters of hours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import available_timezones

import pytest

from lenticular.criteria.calendar import DAY, Calendar, calendar_of, civil, weekday
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question
from lenticular.criteria.text import parse
from lenticular.criteria.tree import OnList
from lenticular.criteria.types import Schema
from lenticular.profiles.event import Event
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.criteria.conftest import Store
from tests.criteria.reference import Reference, Visitor
from tests.criteria.reference_past import Happened
from tests.criteria.rows import batch, event_row, profile_row, session_row
from tests.criteria.who import who

FIRST, LAST = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2000, 2041))
MINUTE, HOUR = 60_000, 3_600_000
DIFFER = (
    *("Africa/Casablanca", "America/Edmonton", "America/Vancouver", "Europe/Chisinau", "America/Goose_Bay"),
    *("America/St_Johns", "America/Moncton", "Antarctica/Casey", "Asia/Gaza"),
)
"""One of each kind that differed; with newer tables of Python's some do not."""
ALWAYS = "America/St_Johns"
"""Differs whatever the age of the tables, for its clocks changed at a minute past midnight."""
OTHERS = (
    *("UTC", "Europe/Madrid", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe"),
    *("America/Sao_Paulo", "Pacific/Apia", "Pacific/Chatham", "Africa/Cairo", "Asia/Tehran", "Antarctica/Troll"),
)
SCHEMA = Schema(types={("user", "since"): "datetime", ("event", "at"): "datetime"})
BACK = [0, 1, MINUTE, 59 * MINUTE, HOUR, 61 * MINUTE, 3 * HOUR, DAY - HOUR, DAY, DAY + 1, 7 * DAY, 31 * DAY, -MINUTE]
"""How long before now somebody joined and did something (ms)."""


class Difference(NamedTuple):
    """An instant (s) at which two tables disagree, and the offset (s) that each of them has."""

    at: int
    ours: int
    theirs: int


class Scene(NamedTuple):
    """A site's zone, a moment (ms) near a change, and the id before that of its first person."""

    zone: str
    now: int
    base: int


async def differences(events: ClickHouseEvents, zone: str, hours: int = 24) -> list[Difference]:
    """Compare a zone every so many hours, and at the second of each change that we know and the one before."""
    calendar = calendar_of(zone)
    changes = [at for change in calendar.transitions for at in (change // 1_000 - 1, change // 1_000)]
    changes = [at for at in changes if FIRST <= at < LAST]
    grid = range(FIRST, LAST, hours * 3_600)
    every = f"arrayConcat(range({FIRST}, {LAST}, {grid.step}), {{changes:Array(UInt32)}})"
    sql = f"SELECT arrayMap(at -> timeZoneOffset(toDateTime(at, '{zone}')), {every})"
    [[offsets]] = await events.query(sql, {"changes": changes})
    found = zip([*grid, *changes], offsets, strict=True)
    compared = [Difference(at, _offset(calendar, at), theirs) for at, theirs in found]
    return sorted(one for one in compared if one.ours != one.theirs)


def _offset(calendar: Calendar, at: int) -> int:
    return calendar.local(at * 1_000) // 1_000 - at


def test_both_know_almost_all_zones_and_ours_change_on_whole_minutes(store: Store) -> None:
    run, child = store
    both = run(_known(ClickHouseEvents(child, "zones_known")))
    assert len(both) > 590
    for zone in (*DIFFER, *OTHERS):
        assert zone in both
        assert not [at for at in calendar_of(zone).transitions if at >= FIRST * 1_000 and at % MINUTE]


async def _known(events: ClickHouseEvents) -> set[str]:
    try:
        await events.open()
        rows = await events.query("SELECT time_zone FROM system.time_zones", {})
        return {row[0] for row in rows} & available_timezones()
    finally:
        await events.close()


@pytest.mark.soak
def test_all_zones_are_compared(store: Store) -> None:
    """Says which differ (`pytest -s`)."""
    run, child = store
    found = run(_all(ClickHouseEvents(child, "zones_all")))
    for zone, each in sorted(found.items(), key=lambda one: -len(one[1])):
        print(zone, len(each), *(f"{datetime.fromtimestamp(one.at, UTC)} {one.ours} {one.theirs}" for one in each[:1]))
    assert ALWAYS in found
    assert len(found) < 50


async def _all(events: ClickHouseEvents) -> dict[str, list[Difference]]:
    zones = sorted(await _known(events))
    try:
        await events.open()
        found = {zone: await differences(events, zone, hours=6) for zone in zones}
    finally:
        await events.close()
    return {zone: each for zone, each in found.items() if each}


def test_where_the_tables_differ_both_engines_agree(store: Store) -> None:
    run, child = store
    run(_agree(ClickHouseEvents(child, "zones")))


async def _agree(events: ClickHouseEvents) -> None:
    limit = asyncio.Semaphore(4)
    try:
        await events.open()
        scenes = await _scenes(events)
        people = [(scene, key) for scene in scenes for key in range(scene.base + 1, scene.base + 1 + len(BACK))]
        await _insert(events, people)
        await asyncio.gather(*(_ask(events, scene, limit) for scene in scenes))
    finally:
        await events.close()


async def _scenes(events: ClickHouseEvents) -> list[Scene]:
    """The first and the last difference of each zone that differs; of the others their last change."""
    moments: list[tuple[str, int]] = []
    for zone in DIFFER:
        found = await differences(events, zone)
        assert found or zone != ALWAYS, f"{zone} does not differ: is anything compared?"
        moments += [(zone, at * 1_000 + 999) for at in sorted({one.at for one in (*found[:1], *found[-1:])})]
        moments += [(zone, one.at * 1_000 + 7 * MINUTE) for one in found[:1]]  # the same quarter of an hour as a change
    for zone in sorted({*DIFFER, *OTHERS} - {zone for zone, _ in moments}):
        known = calendar_of(zone).transitions
        changes = [at for at in known if FIRST * 1_000 <= at < LAST * 1_000] or [FIRST * 1_000]
        moments.append((zone, changes[-1] + 90 * MINUTE))
    return [Scene(zone, now, at * 100) for at, (zone, now) in enumerate(moments)]


def _rules(scene: Scene) -> dict[str, str]:
    """Rules that read local hours, days, weeks and months, of the site and of the visitor."""
    local = calendar_of(scene.zone).local(scene.now)
    year, month, day = civil(local // DAY)
    date, name, hour = f'date("{year:04}-{month:02}-{day:02}")', weekday(local // DAY), local % DAY // HOUR
    return {
        "today": 'count("A", within="today") >= 1 and count("A", within="1mo") >= 2',
        "week": 'count("A", within="week") >= 2',
        "month": 'count("A", within="month") >= 2 or count("A", within=("2mo", "1mo")) == 2',
        "after": f'count("A", after={date}) >= 1',
        "before": f'count("A", before={date}) == 2',
        "hours": 'periods("A", every="1h") == 2',
        "days": 'periods("A", every="1d") == 2',
        "weeks": 'periods("A", every="1w") == 2 and periods("A", every="1mo") == 1',
        "hour": f"user.since.hour() == {hour}",
        "weekday": f'user.since.weekday() == "{name}" and user.since.day() == {day}',
        "month of": f"user.since.month() == {month}",
        "day": f"user.since <= {date}",
        "this day": "user.since == today()",
        "a month ago": 'user.since > ago("1mo") and first_time("A") >= ago("1mo")',
        "in a filter": f'count("A", at.hour() == {hour}, at.weekday() == "{name}") >= 1',
        "their hour": f"session.local_hour == {hour}",
        "their day": f'session.local_date == {date} or session.local_weekday == "{name}"',
    }


def _did(scene: Scene, key: int) -> tuple[int, list[Event]]:
    """When somebody joined, and what they did: once then, and once when the next one joined."""
    number = key - scene.base - 1
    since, other = (scene.now - BACK[at % len(BACK)] for at in (number, number + 1))
    return since, [_event(f"{key} {at}", at, scene.now) for at in (since, other)]


def _event(message_id: str, time: int, now: int) -> Event:
    return Event("track", message_id, time, min(time, now), name="A", properties={"i_at": time})


def _visit(key: int) -> dict[str, str]:
    zones = (*DIFFER, "Mars/Base", *OTHERS)
    return {"t_timezone": zones[key % len(zones)]}


async def _insert(events: ClickHouseEvents, people: Sequence[tuple[Scene, int]]) -> None:
    profiles, sessions, rows = [], [], []
    for scene, key in people:
        since, did = _did(scene, key)
        row = profile_row(key, {"i_since": since}, first_seen=-(2**40))
        profiles.append({**row, "organizations": [], "lists": [str(scene.base)], "withheld": 0})
        sessions.append(session_row(key, scene.now - DAY, _visit(key)))
        rows += [event_row(10 * key + at, key, one, calendar_of(scene.zone)) for at, one in enumerate(did)]
    for table, found in (("profiles", profiles), ("sessions", sessions), ("events", rows)):
        await events.insert(batch(table, found))


async def _ask(events: ClickHouseEvents, scene: Scene, limit: asyncio.Semaphore) -> None:
    trees = {key: parse(rule).tree for key, rule in _rules(scene).items()}
    segments = Segments(trees, SCHEMA, calendar_of(scene.zone))
    reference = Reference(trees, SCHEMA, scene.zone)
    people = range(scene.base + 1, scene.base + 1 + len(BACK))
    matching = {key: segments.matching(trees, _person(segments, scene, key), scene.now) for key in people}
    question = Question(OnList(str(scene.base)), {}, SCHEMA, segments.calendar, scene.now)
    async with limit:
        found = await who(events, question, trees)
    for name, tree in trees.items():
        engine = {key for key in people if name in matching[key]}
        by_hand = {key for key in people if reference.member(tree, _visitor(scene, key), scene.now)}
        assert found[name] == engine == by_hand, (scene, _rules(scene)[name])


def _person(segments: Segments, scene: Scene, key: int) -> Person:
    since, did = _did(scene, key)
    tallies: dict[str, Any] = {}
    for event in did:
        segments.plan.step(tallies, event)
    return Person({"i_since": since}, _visit(key), scene.now - DAY, tallies)


def _visitor(scene: Scene, key: int) -> Visitor:
    since, did = _did(scene, key)
    events = [Happened(one.time, one.message_id, one.name, one.properties, one.context) for one in did]
    return Visitor({"i_since": since}, events, [(scene.now - DAY, _visit(key))])
