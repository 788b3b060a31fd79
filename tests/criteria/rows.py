"""Rows of the events store, for tests that write them themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from lenticular.criteria.calendar import Calendar
from lenticular.ids import tie
from lenticular.ports import Batch
from lenticular.profiles.event import Event


def profile_row(profile_id: int, traits: dict[str, Any], first_seen: int = 0) -> dict[str, Any]:
    return {
        "profile_id": profile_id,
        "version": 1,
        "user_id": "",
        "anonymous_ids": [],
        "first_seen": first_seen,
        "traits": traits,
        "gone": 0,
    }


def session_row(profile_id: int, start: int, properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "profile_id": profile_id,
        "session_id": profile_id,
        "start": start,
        "last": start,
        "number": 1,
        "properties": properties,
        "version": 1,
    }


def event_row(seq: int, profile_id: int, event: Event, calendar: Calendar) -> dict[str, Any]:
    return {
        "seq": seq,
        "time": event.time,
        "tie": tie(event.message_id),
        "profile_id": profile_id,
        "name": event.name,
        "type": "track",
        "session_id": profile_id,
        "day": calendar.day(event.time),
        "minute": calendar.minute(event.time),
        "received": event.received,
        "message_id": event.message_id,
        "properties": event.properties,
        "context": event.context,
    }


def batch(table: str, rows: Iterable[dict[str, Any]]) -> Batch:
    lines = [msgspec.json.encode(row) for row in rows]
    return Batch(table, 1, len(lines), len(lines), b"\n".join(lines))
