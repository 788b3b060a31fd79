"""How often content items were seen and clicked."""

from __future__ import annotations

from lenticular.criteria.sql_sides import Query
from lenticular.criteria.tables import EVENTS

EVENT_OF = {"viewed": "Impression", "clicked": "Content Clicked"}
"""The event that each is counted by; its property `item` is the item's key."""


def popular_query(what: str, since: int, until: int) -> Query:
    """Return the query for how often items were `viewed` or `clicked` from `since` to before `until` (ms).

    (key of the item, number of events); what bots did, under profile 0, does not count.
    """
    item = "properties.t_item.:String"
    sql = (
        f"SELECT {item} AS item, count() FROM {EVENTS} WHERE name = {{event:String}} AND profile_id != 0"
        f" AND time >= {{since:Int64}} AND time < {{until:Int64}} AND {item} IS NOT NULL GROUP BY item"
    )
    return Query(sql, {"event": EVENT_OF[what], "since": since, "until": until})
