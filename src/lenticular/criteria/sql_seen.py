"""Which events and fields the log has ever had."""

from __future__ import annotations

from lenticular.criteria.sql_sides import Query
from lenticular.criteria.tables import EVENTS, every_key


def event_names_query() -> Query:
    """Return the query for the names of all events, one in a row."""
    return Query(f"SELECT DISTINCT name FROM {EVENTS} WHERE name != ''", {})


def has_field_query(event: str, field: str) -> Query:
    """Return the query for whether any event of a name has a field, in whatever type: a row, or none."""
    known = " OR ".join(f"properties.`{key}` IS NOT NULL" for key in every_key(field))
    return Query(f"SELECT 1 FROM {EVENTS} WHERE name = {{event:String}} AND ({known}) LIMIT 1", {"event": event})
