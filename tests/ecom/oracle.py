"""Who belongs to which segment of `tests/data/ecom.csv.gz`, by plain Python over the file.

Nothing of the project is imported here nor by what is imported, so that its answers can be compared with these. What a
rule means is written once more, as a function of one visitor at one moment; windows are those of the rules' page.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.ecom import counted, in_order, look, measured
from tests.ecom.look import (
    FIELDS,
    FILE,
    MOMENTS,
    TRAITS,
    ZONES,
    Happened,
    Look,
    Segments,
    Visitor,
    rows,
    session_starts,
    visitors,
    write,
)

SEGMENTS: Segments = [*counted.SEGMENTS, *measured.SEGMENTS, *in_order.SEGMENTS]


def sizes(at: datetime, zone: str, everyone: list[Visitor] | None = None) -> dict[str, int]:
    """Return how many visitors belong to each segment at a moment."""
    return {name: len(found) for name, found in members(at, zone, everyone).items()}


def members(at: datetime, zone: str, everyone: list[Visitor] | None = None) -> dict[str, set[str]]:
    """Return the user ids of each segment at a moment."""
    looks = [(visitor.user_id, Look(visitor, at, ZoneInfo(zone))) for visitor in everyone or visitors()]
    return {name: {user_id for user_id, one in looks if one.exists and check(one)} for name, _, check in SEGMENTS}


__all__ = [
    "FIELDS",
    "FILE",
    "MOMENTS",
    "SEGMENTS",
    "TRAITS",
    "ZONES",
    "Happened",
    "Visitor",
    "counted",
    "in_order",
    "look",
    "measured",
    "members",
    "rows",
    "session_starts",
    "sizes",
    "visitors",
    "write",
]
