"""What an export asks the events store: everything of one kind, page by page, as of one moment."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lenticular.criteria.sql_people import events_of
from lenticular.criteria.sql_sides import Query
from lenticular.criteria.tables import EVENTS, ORGANIZATIONS, PROFILES

WEEK = 604_800_000
"""What a partition of events holds, in ms."""

Spot = tuple[int, int]
"""A place in the order of events: (time, sequence number)."""


class Stretch(msgspec.Struct, frozen=True):
    """Events that happened from `start` to before `end` (ms), up to a sequence number; messages that are no events are
    left out.
    """

    start: int
    end: int
    upto: int


def newest_query() -> Query:
    """Return the query for the newest sequence number of an event and the newest profile id: one row."""
    return Query(f"SELECT (SELECT max(seq) FROM {EVENTS}), (SELECT max(profile_id) FROM {PROFILES})", {})


def weeks_query(of: Stretch) -> Query:
    """Return the query for the weeks (since 1970) that have events, and how many, in order."""
    sql = (
        f"SELECT toInt64(floor(time / {WEEK})) AS week, count() FROM {EVENTS} WHERE {_TEST} GROUP BY week ORDER BY week"
    )
    return Query(sql, _bound(of))


def end_query(of: Stretch, after: Spot, size: int) -> Query:
    """Return the query for the spot of the last event of a page of a size: no row if fewer events are left."""
    sql = (
        f"SELECT time, seq FROM {EVENTS} WHERE {_TEST} AND {_AFTER} ORDER BY time, seq LIMIT 1 OFFSET {{before:UInt64}}"
    )
    return Query(sql, {**_bound(of), **_spot("after", after), "before": size - 1})


def events_query(of: Stretch, after: Spot, last: Spot, merged: bool) -> Query:
    """Return the query for the events behind a spot up to another, in order.

    (profile id, message id, name, time, properties, context), the last two as JSON objects by stored key.
    """
    until = "(time, seq) <= ({last_time:Int64}, {last_seq:UInt64}) AND time <= {last_time:Int64}"
    sql = (
        "SELECT profile_id, message_id, name, time, toJSONString(properties), toJSONString(context)"
        f" FROM {events_of(merged)} AS e WHERE {_TEST} AND {_AFTER} AND {until} ORDER BY time, seq"
    )
    return Query(sql, {**_bound(of), **_spot("after", after), **_spot("last", last)})


def names_query(profile_ids: Sequence[int]) -> Query:
    """Return the query for who some profiles are: (id, user id, anonymous ids)."""
    sql = (
        f"SELECT profile_id, user_id, anonymous_ids FROM {PROFILES} FINAL"
        " WHERE NOT gone AND profile_id IN {profiles:Array(UInt64)}"
    )
    return Query(sql, {"profiles": list(profile_ids)})


def event_keys_query(of: Stretch) -> Query:
    """Return the query for the stored keys that events have: one row of those of properties and of context."""
    sql = f"SELECT distinctJSONPaths(properties), distinctJSONPaths(context) FROM {EVENTS} WHERE {_TEST}"
    return Query(sql, _bound(of))


def trait_keys_query(organizations: bool) -> Query:
    """Return the query for the stored keys that people's traits have, or those of organizations."""
    return Query(f"SELECT distinctJSONPaths(traits) FROM {ORGANIZATIONS if organizations else PROFILES}", {})


def organizations_query(after: str, limit: int) -> Query:
    """Return the query for organizations in the order of their ids: (id, traits as a JSON object by stored key)."""
    sql = (
        f"SELECT organization_id, toJSONString(traits) FROM {ORGANIZATIONS} FINAL"
        " WHERE organization_id > {after:String} ORDER BY organization_id LIMIT {limit:UInt64}"
    )
    return Query(sql, {"after": after, "limit": limit})


_TEST = "name != '' AND seq <= {upto:UInt64} AND time >= {start:Int64} AND time < {end:Int64}"
_AFTER = "(time, seq) > ({after_time:Int64}, {after_seq:UInt64}) AND time >= {after_time:Int64}"


def _bound(of: Stretch) -> dict[str, int]:
    return {"start": of.start, "end": of.end, "upto": of.upto}


def _spot(name: str, spot: Spot) -> dict[str, int]:
    return {f"{name}_time": spot[0], f"{name}_seq": spot[1]}
