"""The sizes of real segments: the folded profiles and ClickHouse say what plain Python over the file says."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from lenticular.criteria.calendar import calendar_of
from lenticular.criteria.measures import MEASURES, PERIODS
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question, count_query
from lenticular.criteria.tables import stored_key
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Node
from lenticular.criteria.types import FUNCTIONS, Schema
from lenticular.ids import tie
from lenticular.ports import Batch
from lenticular.profiles.event import Event
from lenticular.stores.clickhouse.events import ClickHouseEvents
from lenticular.stores.clickhouse.supervisor import ClickHouseChild
from tests.ecom import oracle

SCHEMA = Schema(
    types={
        **{("user", name): "text" for name in oracle.TRAITS},
        **{("event", name): kind for name, kind in oracle.FIELDS.items()},
    }
)
TREES = {name: parse(text).tree for name, text, _ in oracle.SEGMENTS}
VISITORS = oracle.visitors()


@cache
def _members(at: datetime, zone: str) -> dict[str, set[str]]:
    return oracle.members(at, zone, VISITORS)


def test_the_oracle_stands_alone() -> None:
    for part in (oracle, oracle.look, oracle.counted, oracle.measured, oracle.in_order):
        assert "lenticular" not in Path(str(part.__file__)).read_text("utf-8")
    assert len(oracle.SEGMENTS) >= 45
    assert len(oracle.MOMENTS) >= 5


def test_every_measure_window_and_function_is_asked_for() -> None:
    rules = " ".join(rule for _, rule, _ in oracle.SEGMENTS)
    for word in (*MEASURES, "sequence"):
        assert f"{word}(" in rules
    # The file has neither lists nor objects.
    for word in set(FUNCTIONS) - {"size"}:
        assert f".{word}()" in rules
    for word in set(OPERATORS) - {"has", "has_any", "has_all", "is not None"}:
        assert f" {word} " in rules or f".{word}(" in rules or rules.endswith(word)
    for word in ("today", "week", "month", "session", "7d", "36h", "1mo", "1y", "2w"):
        assert f'within="{word}"' in rules
    for word in ('within=("', "after=date(", "after=datetime(", "before=", "span=", "without=", *PERIODS):
        assert word in rules


@pytest.mark.parametrize("zone", oracle.ZONES)
def test_the_engine_over_folded_profiles(zone: str) -> None:
    segments = Segments(TREES, SCHEMA, calendar_of(zone))
    for at in oracle.MOMENTS:
        found: dict[str, set[str]] = {name: set() for name in TREES}
        for visitor in VISITORS:
            seen = [event for event in _events(visitor) if event.time <= _ms(at)]
            if not seen:
                continue
            tallies: dict[str, Any] = {}
            for event in seen:
                segments.plan.step(tallies, event)
            starts = oracle.session_starts([one for one in visitor.events if one.at <= at], ZoneInfo(zone))
            person = Person(_traits(visitor), {}, _ms(starts[-1]), tallies)
            for name in segments.matching(TREES, person, _ms(at)):
                found[name].add(visitor.user_id)
        assert found == _members(at, zone), at


def test_clickhouse(tmp_path: Path) -> None:
    asyncio.run(_clickhouse(ClickHouseChild(tmp_path)))


async def _clickhouse(child: ClickHouseChild) -> None:
    await child.start()
    try:
        for number, zone in enumerate(oracle.ZONES[:2]):
            events = ClickHouseEvents(child, f"ecom_{number}")
            try:
                await events.open()
                for batch in _batches(zone):
                    await events.insert(batch)
                for at in oracle.MOMENTS:
                    expected = {name: len(found) for name, found in _members(at, zone).items()}
                    assert await _sizes(events, at, zone) == expected, (zone, at)
            finally:
                await events.close()
    finally:
        await child.stop()


async def _sizes(events: ClickHouseEvents, at: datetime, zone: str) -> dict[str, int]:
    async def size(tree: Node) -> int:
        query = count_query(Question(tree, TREES, SCHEMA, calendar_of(zone), _ms(at)))
        [(number, known)] = await events.query(query.sql, query.parameters)
        assert known == number
        return int(number)

    return dict(zip(TREES, await asyncio.gather(*map(size, TREES.values())), strict=True))


def _ms(at: datetime) -> int:
    return (at - datetime.fromtimestamp(0, at.tzinfo)) // timedelta(milliseconds=1)


def _typed(name: str, value: str) -> tuple[str, Any]:
    kind = oracle.FIELDS[name]
    key = stored_key(name, kind)
    if kind == "date":
        return key, date.fromisoformat(value).toordinal() - date(1970, 1, 1).toordinal()
    return key, float(value) if kind == "number" else value


def _traits(visitor: oracle.Visitor) -> dict[str, Any]:
    return {stored_key(name, "text"): value for name, value in visitor.traits.items()}


def _events(visitor: oracle.Visitor) -> list[Event]:
    return [
        Event(
            type="track",
            message_id=f"{visitor.user_id}-{at}",
            time=_ms(happened.at),
            received=_ms(happened.at),
            name=happened.name,
            properties=dict(_typed(name, value) for name, value in happened.fields.items()),
        )
        for at, happened in enumerate(visitor.events)
    ]


def _batches(zone: str) -> list[Batch]:
    calendar = calendar_of(zone)
    rows: dict[str, list[dict[str, Any]]] = {"profiles": [], "sessions": [], "events": []}
    for profile_id, visitor in enumerate(VISITORS, start=1):
        happened = _events(visitor)
        rows["profiles"].append(
            {
                "profile_id": profile_id,
                "version": 1,
                "user_id": visitor.user_id,
                "anonymous_ids": [],
                "first_seen": happened[0].time,
                "traits": _traits(visitor),
                "gone": 0,
            }
        )
        for number, start in enumerate(oracle.session_starts(visitor.events, ZoneInfo(zone)), start=1):
            rows["sessions"].append(
                {
                    "profile_id": profile_id,
                    "session_id": profile_id * 1_000 + number,
                    "start": _ms(start),
                    "last": _ms(start),
                    "number": number,
                    "properties": {},
                    "version": 1,
                }
            )
        for event in happened:
            rows["events"].append(
                {
                    "seq": len(rows["events"]) + 1,
                    "time": event.time,
                    "tie": tie(event.message_id),
                    "profile_id": profile_id,
                    "name": event.name,
                    "type": "track",
                    "session_id": 0,
                    "day": calendar.day(event.time),
                    "minute": calendar.minute(event.time),
                    "received": event.received,
                    "message_id": event.message_id,
                    "properties": event.properties,
                    "context": {},
                }
            )
    return [Batch(name, 1, len(of), len(of), b"\n".join(map(msgspec.json.encode, of))) for name, of in rows.items()]
