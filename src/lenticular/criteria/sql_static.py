"""Who is on a segment's static list, as the events store knows it."""

from __future__ import annotations

from lenticular.criteria.sql import Query
from lenticular.criteria.tables import PROFILES


def static_query(segment: str, limit: int, after: int = 0) -> Query:
    """Return the query for static members in the order of their ids: (id, user id, anonymous ids, first seen)."""
    sql = (
        f"SELECT profile_id, user_id, anonymous_ids, first_seen FROM {PROFILES} FINAL"
        " WHERE NOT gone AND has(lists, {segment:String}) AND profile_id > {after:UInt64}"
        " ORDER BY profile_id LIMIT {limit:UInt64}"
    )
    return Query(sql, {"segment": segment, "after": after, "limit": limit})
