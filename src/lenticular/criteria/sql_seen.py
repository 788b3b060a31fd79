"""Which events and fields the log has ever had; those of bots, which stand under profile 0, are no news."""

from __future__ import annotations

from lenticular.criteria.sql_sides import Query
from lenticular.criteria.tables import EVENTS, every_key


def event_names_query() -> Query:
    """Return the query for the names of all events, one in a row."""
    return Query(f"SELECT DISTINCT name FROM {EVENTS} WHERE name != '' AND profile_id != 0", {})


def has_field_query(event: str, field: str) -> Query:
    """Return the query for whether any event of a name has a field, in whatever type: a row, or none."""
    known = " OR ".join(f"properties.`{key}` IS NOT NULL" for key in every_key(field))
    test = f"name = {{event:String}} AND profile_id != 0 AND ({known})"
    return Query(f"SELECT 1 FROM {EVENTS} WHERE {test} LIMIT 1", {"event": event})
