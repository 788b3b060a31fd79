"""Subqueries about people: their events under the profile that they were joined to, their latest visit, interests."""

from __future__ import annotations

from collections.abc import Mapping

from lenticular.criteria.interests import HORIZON, MOST_TOPICS
from lenticular.criteria.tables import EVENTS, MERGES, SESSIONS


def survivors(table: str, final: bool = False) -> str:
    """Return a table whose rows of merged profiles stand under the profile that they were joined to."""
    return (
        f"(SELECT t.* EXCEPT profile_id, if(m.survivor != 0, m.survivor, t.profile_id) AS profile_id"
        f" FROM {table} AS t{' FINAL' if final else ''}"
        f" LEFT ANY JOIN (SELECT loser, survivor FROM {MERGES} FINAL) AS m ON m.loser = t.profile_id)"
    )


def events_of(merged: bool) -> str:
    """Return the table of events, as of the merges."""
    return survivors(EVENTS) if merged else EVENTS


def latest_session(at: str, columns: Mapping[str, str], merged: bool, test: str = "1") -> str:
    """Return the query for everyone's latest session begun by `at`, with some columns under aliases.

    Of those only who pass a test of `profile_id`.
    """
    source = survivors(SESSIONS, final=True) if merged else f"{SESSIONS} FINAL"
    taken = "".join(f", {column} AS {alias}" for column, alias in columns.items())
    return (
        f"SELECT profile_id, start{taken} FROM {source} WHERE start <= {at} AND {test}"
        " ORDER BY profile_id, start DESC, number DESC, version DESC LIMIT 1 BY profile_id"
    )


def interests(today: int, at: str, decay: str, merged: bool, test: str = "1") -> str:
    """Return the query for everyone's topics and their weights in millionths; `decay` binds `interests.DECAY`.

    Of those only who pass a test of `e.profile_id`.
    """
    topics = f"arrayDistinct(arraySlice(e.properties.l_topics.:`Array(Nullable(String))`, 1, {MOST_TOPICS}))"
    return (
        "SELECT profile_id, groupArray(topic) AS topics, groupArray(weight) AS weights FROM ("
        f"SELECT e.profile_id AS profile_id, assumeNotNull(found) AS topic, sum({decay}[{today} - e.day + 1]) AS weight"
        f" FROM {events_of(merged)} AS e ARRAY JOIN {topics} AS found"
        f" WHERE e.name NOT IN ('', 'Impression') AND e.time <= {at} AND e.day BETWEEN {today - HORIZON} AND {today}"
        f" AND {test} GROUP BY profile_id, topic) GROUP BY profile_id"
    )
