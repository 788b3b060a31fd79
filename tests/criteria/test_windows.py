"""Every kind of window, with events on its edges: by tallies in any order of arrival, and by ClickHouse."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question, members_query
from lenticular.criteria.text import parse
from lenticular.criteria.types import Schema
from lenticular.profiles.event import Event
from lenticular.stores.clickhouse.events import ClickHouseEvents
from tests.cases.read import cases
from tests.criteria.conftest import Store
from tests.criteria.reference import Reference, Visitor
from tests.criteria.reference_past import Happened
from tests.criteria.rows import batch, event_row, profile_row, session_row

CASES = cases("criteria/windows.json")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _ms(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)


def _segments(given: dict[str, Any], expected: int) -> Segments:
    """Segments that ask in several ways for the same number, each with its own way through both engines."""
    count = f'count("A"{", " if given["window"] else ""}{given["window"]})'
    rules = {
        "equal": f"{count} == {expected}",
        "other": f"{count} != {expected}",
        "most": f"{count} <= {expected}",
        "more": f"{count} > {expected}",
        "least": f"{count} >= {expected}",
        "between": f"{expected} <= {count} <= {expected}",
        "listed": f"{count} in [{expected}, 99]",
    }
    trees = {key: parse(rule).tree for key, rule in rules.items()}
    return Segments(trees, Schema(), calendar_of(given.get("zone", "UTC")))


HOLD = frozenset(("equal", "most", "least", "between", "listed"))


def _events(given: dict[str, Any], late: bool) -> list[Event]:
    now = _ms(given["now"])
    return [
        Event(
            type="track",
            message_id=f"{given['window']} {at}",
            time=_ms(text),
            received=now if late else min(_ms(text), now),
            name="A",
        )
        for at, text in enumerate(given["events"])
    ]


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(("given", "expected"), CASES)
def test_tallies(given: dict[str, Any], expected: int, turned: bool, late: bool) -> None:
    segments = _segments(given, expected)
    tallies: dict[str, Any] = {}
    for event in _events(given, late)[:: -1 if turned else 1]:
        segments.plan.step(tallies, event)
    start = _ms(given["session"]) if "session" in given else None
    assert segments.matching(segments.trees, Person({}, {}, start, tallies), _ms(given["now"])) == HOLD


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_the_reference(given: dict[str, Any], expected: int) -> None:
    trees = _segments(given, expected).trees
    reference = Reference(trees, Schema(), given.get("zone", "UTC"))
    events = [Happened(event.time, event.message_id, event.name) for event in _events(given, late=True)]
    visitor = Visitor(events=events, sessions=[(_ms(given["session"]), {})] if "session" in given else [])
    found = {key for key, tree in trees.items() if reference.member(tree, visitor, _ms(given["now"]))}
    assert found == HOLD


def test_clickhouse(store: Store) -> None:
    run, child = store
    run(_clickhouse(ClickHouseEvents(child, "windows")))


async def _clickhouse(events: ClickHouseEvents) -> None:
    limit = asyncio.Semaphore(8)

    async def ask(profile_id: int, name: str, given: dict[str, Any], expected: int) -> None:
        segments, now = _segments(given, expected), _ms(given["now"])
        for key in ("equal", "most", "more"):
            query = members_query(Question(segments.trees[key], {}, Schema(), segments.calendar, now), limit=1_000)
            async with limit:
                members = {row[0] for row in await events.query(query.sql, query.parameters)}
            assert (profile_id in members) is (key in HOLD), (name, key)

    people = list(enumerate(CASES, start=1))
    happened = [(key, case.values[0], event) for key, case in people for event in _events(case.values[0], late=True)]
    sessions = [(key, _ms(case.values[0]["session"])) for key, case in people if "session" in case.values[0]]
    try:
        await events.open()
        await events.insert(batch("profiles", (profile_row(key, {}, first_seen=-(2**40)) for key, _ in people)))
        await events.insert(batch("sessions", (session_row(key, start, {}) for key, start in sessions)))
        rows = (
            event_row(seq, key, event, calendar_of(given.get("zone", "UTC")))
            for seq, (key, given, event) in enumerate(happened, start=1)
        )
        await events.insert(batch("events", rows))
        await asyncio.gather(*(ask(key, str(case.id), *case.values) for key, case in people))
    finally:
        await events.close()
