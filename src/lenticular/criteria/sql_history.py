"""The events of people as the log has them: what tallies are built from when there was no tally yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from lenticular.criteria.interests import HORIZON, MOST_TOPICS
from lenticular.criteria.sql_people import survivors
from lenticular.criteria.sql_sides import Query
from lenticular.criteria.tables import EVENTS, MERGES, SESSIONS


class Logged(msgspec.Struct, frozen=True):
    """One event out of the log; `received` is the moment (ms) that it is looked at for, `tie` as in `ids.tie`."""

    seq: int
    profile_id: int
    name: str
    time: int
    received: int
    tie: int
    properties: Mapping[str, Any]
    context: Mapping[str, Any]


def history_query(names: Sequence[str], upto: int, after: tuple[int, int], limit: int) -> Query:
    """Return the query for events of some names up to a sequence number, a page in the order of (profile id, number).

    Ids are those of the profiles that the events came in for, whoever these are by now. `after` is the (profile id,
    number) of the last row of the page before; a page with fewer rows than `limit` is the last one.
    """
    # Without the bound from above every page would sort all that is left.
    rest = (
        "name IN {names:Array(String)} AND profile_id >= {after_profile:UInt64} AND seq <= {upto:UInt64}"
        " AND (profile_id, seq) > ({after_profile:UInt64}, {after_seq:UInt64})"
    )
    last = (
        "SELECT max(profile_id) FROM"
        f" (SELECT profile_id FROM {EVENTS} WHERE {rest} ORDER BY profile_id LIMIT {{limit:UInt64}})"
    )
    sql = (
        "SELECT seq, profile_id, name, time, tie, toJSONString(properties), toJSONString(context)"
        f" FROM {EVENTS} WHERE {rest} AND profile_id <= ({last}) ORDER BY profile_id, seq LIMIT {{limit:UInt64}}"
    )
    bound = {"names": list(names), "upto": upto, "after_profile": after[0], "after_seq": after[1], "limit": limit}
    return Query(sql, bound)


def people_query(profile_ids: Sequence[int], names: Sequence[str], at: int, merged: bool) -> Query:
    """Return the query for some people's events of some names up to `at` (ms), in the order of (profile id, number)."""
    source = survivors(EVENTS) if merged else EVENTS
    sql = (
        "SELECT e.seq, e.profile_id, e.name, e.time, e.tie, toJSONString(e.properties), toJSONString(e.context)"
        f" FROM {source} AS e WHERE e.profile_id IN {{profiles:Array(UInt64)}} AND e.name IN {{names:Array(String)}}"
        " AND e.time <= {at:Int64} ORDER BY e.profile_id, e.seq LIMIT 1000000"
    )
    return Query(sql, {"profiles": list(profile_ids), "names": list(names), "at": at})


def session_query(profile_id: int, at: int, merged: bool) -> Query:
    """Return the query for one person's latest session begun by `at` (ms): (start, properties)."""
    source = survivors(SESSIONS, final=True) if merged else f"{SESSIONS} FINAL"
    sql = (
        f"SELECT start, toJSONString(properties) FROM {source}"
        " WHERE profile_id = {profile:UInt64} AND start <= {at:Int64}"
        " ORDER BY start DESC, number DESC, version DESC LIMIT 1"
    )
    return Query(sql, {"profile": profile_id, "at": at})


def views_query(profile_id: int, at: int, today: int, merged: bool) -> Query:
    """Return the query for one person's views up to `at` (ms), which is on the day `today`: (topic, day, views)."""
    source = survivors(EVENTS) if merged else EVENTS
    topics = f"arrayDistinct(arraySlice(e.properties.l_topics.:`Array(Nullable(String))`, 1, {MOST_TOPICS}))"
    sql = (
        f"SELECT assumeNotNull(found) AS topic, e.day AS day, count() FROM {source} AS e ARRAY JOIN {topics} AS found"
        " WHERE e.profile_id = {profile:UInt64} AND e.name NOT IN ('', 'Impression') AND e.time <= {at:Int64}"
        " AND e.day BETWEEN {first:Int32} AND {today:Int32} GROUP BY topic, day"
    )
    return Query(sql, {"profile": profile_id, "at": at, "first": today - HORIZON, "today": today})


def views_of(rows: Iterable[Sequence[Any]]) -> dict[str, dict[int, int]]:
    """Return the state of interests (`criteria.interests`) that the rows of `views_query` tell."""
    views: dict[str, dict[int, int]] = {}
    for topic, day, count in rows:
        views.setdefault(topic, {})[day] = count
    return views


def any_merged_query() -> Query:
    """Return the query for whether any profile was ever joined to another: a row, or none."""
    return Query(f"SELECT 1 FROM {MERGES} LIMIT 1", {})


def received_before_query(moment: int) -> Query:
    """Return the query for whether the log has events that arrived before a moment (ms): a row, or none."""
    return Query(f"SELECT 1 FROM {EVENTS} WHERE received < {{moment:Int64}} LIMIT 1", {"moment": moment})


def known_ids_query(message_ids: Sequence[str], first: int, last: int) -> Query:
    """Return the query for which message ids the log has among events of a stretch of time (ms, both included)."""
    test = "time BETWEEN {first:Int64} AND {last:Int64} AND message_id IN {ids:Array(String)}"
    parameters = {"first": first, "last": last, "ids": list(message_ids)}
    return Query(f"SELECT message_id FROM {EVENTS} WHERE {test}", parameters)


def logged(row: Sequence[Any], at: int) -> Logged:
    """Return the event of a row of `history_query` or `people_query`, looked at from `at`."""
    seq, profile_id, name, time, tie, properties, context = row
    return Logged(seq, profile_id, name, time, at, tie, typed(properties), typed(context))


def typed(document: str) -> dict[str, Any]:
    """Return the typed values of a JSON column's text: a whole number is written without its point there."""
    return _typed(msgspec.json.decode(document))


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    for key, value in values.items():
        if key[0] == "n":
            values[key] = float(value)
        elif key[0] in "di":
            values[key] = int(value)
        elif key[0] == "o":
            values[key] = [_typed(element) for element in value]
    return values
