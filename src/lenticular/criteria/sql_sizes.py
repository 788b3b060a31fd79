"""The history of segments: who belonged when it was counted, who came and who went, as the events store kept it.

Members are bitmaps of profile ids as they were then. A profile that was joined to another one since counts as that one:
its bit is moved while reading, so that a merge is nobody's coming or going.
"""

from __future__ import annotations

from collections.abc import Sequence

from lenticular.criteria.sql_sides import Query
from lenticular.criteria.tables import MERGES, SEGMENT_MEMBERS, SEGMENT_SIZES

_BEFORE = "lagInFrame({}) OVER (ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"


def days_query(segment: str, first: int, last: int, merged: bool) -> Query:
    """Return the query for the days of a segment in order: (day, at, size, day before, joined, left).

    Each day is as it was counted last. The day before is the one that is kept before it: joined and left are since
    then, and mean nothing in the first row.
    """
    at = (
        f"SELECT day, max(at) FROM {SEGMENT_MEMBERS} WHERE segment = {{segment:String}}"
        " AND day BETWEEN {first:Int32} AND {last:Int32} GROUP BY day"
    )
    rows = _through_merges(f"segment = {{segment:String}} AND (day, at) IN ({at})", merged)
    came, went = _BEFORE.format("day"), _BEFORE.format("members")
    sql = (
        f"SELECT day, at, bitmapCardinality(members), {came}, bitmapAndnotCardinality(members, {went}),"
        f" bitmapAndnotCardinality({went}, members) FROM ({rows}) ORDER BY day"
    )
    return Query(sql, {"segment": segment, "first": first, "last": last})


def counts_before_query(segment: str, before: int) -> Query:
    """Return the query for when a segment was counted last before a moment (ms): no row, or (day, at)."""
    sql = (
        f"SELECT day, at FROM {SEGMENT_MEMBERS} WHERE segment = {{segment:String}} AND at < {{before:Int64}}"
        " ORDER BY day DESC, at DESC LIMIT 1"
    )
    return Query(sql, {"segment": segment, "before": before})


def day_query(segment: str, day: int) -> Query:
    """Return the query for when a segment was counted last on a day: no row, or (day, at)."""
    sql = (
        f"SELECT day, at FROM {SEGMENT_MEMBERS} WHERE segment = {{segment:String}} AND day = {{day:Int32}}"
        " ORDER BY at DESC LIMIT 1"
    )
    return Query(sql, {"segment": segment, "day": day})


def moved_query(segment: str, new: int, before: int, merged: bool) -> Query:
    """Return the query for how a count (`new`, ms) differs from the last one before a moment (ms).

    One row: when that was (0: never, and everyone has joined), size and known of the new one, joined, left.
    """
    _, bitmap = _two(segment, None, new, merged)
    last = f"(SELECT max(at) FROM {SEGMENT_MEMBERS} WHERE segment = {{segment:String}} AND at < {{before:Int64}})"
    old, now = bitmap["old"].replace("{old:Int64}", last), bitmap["new"]
    sql = (
        f"SELECT {last}, bitmapCardinality({now}), (SELECT any(known) FROM {SEGMENT_MEMBERS} FINAL"
        " WHERE segment = {segment:String} AND at = {new:Int64}),"
        f" bitmapAndnotCardinality({now}, {old}), bitmapAndnotCardinality({old}, {now})"
    )
    return Query(sql, {"segment": segment, "new": new, "before": before})


def joined_ids_query(segment: str, old: int | None, new: int, merged: bool) -> Query:
    """Return the query for the ids of those who are in the new count of a segment and not in the old one."""
    parameters, bitmap = _two(segment, old, new, merged)
    sql = f"SELECT arrayJoin(bitmapToArray(bitmapAndnot({bitmap['new']}, {bitmap['old']}))) AS id"
    return Query(sql, parameters)


def left_ids_query(segment: str, old: int | None, new: int, merged: bool) -> Query:
    """Return the query for the ids of those who are in the old count of a segment and not in the new one."""
    parameters, bitmap = _two(segment, old, new, merged)
    sql = f"SELECT arrayJoin(bitmapToArray(bitmapAndnot({bitmap['old']}, {bitmap['new']}))) AS id"
    return Query(sql, parameters)


def as_one(ids: Query) -> Query:
    """Return the query for ids as one row with a list of them: a million rows would be a million objects to make."""
    return Query(f"SELECT groupArray(id) FROM ({ids.sql})", ids.parameters)


def keep_size_query(segment: str, at: int, numbers: Sequence[int]) -> Query:
    """Return the statement that keeps how many there were at a moment: size, known, joined, left."""
    names = ("size", "known", "joined", "left")
    values = ", ".join(f"{{{name}:UInt64}}" for name in names)
    sql = f"INSERT INTO {SEGMENT_SIZES} SELECT {{segment:String}}, {{at:Int64}}, {values}"
    return Query(sql, {"segment": segment, "at": at, **dict(zip(names, numbers, strict=True))})


def hours_query(segment: str, start: int, end: int) -> Query:
    """Return the query for the counts of a segment in [start, end) (ms), in order: (at, size, known, joined, left)."""
    sql = (
        f"SELECT at, size, known, joined, left FROM {SEGMENT_SIZES} FINAL WHERE segment = {{segment:String}}"
        " AND at >= {start:Int64} AND at < {end:Int64} ORDER BY at"
    )
    return Query(sql, {"segment": segment, "start": start, "end": end})


def newest_sizes_query(segments: Sequence[str]) -> Query:
    """Return the query for the newest count of each of some segments: (segment, at, size)."""
    sql = (
        f"SELECT segment, max(at), argMax(size, at) FROM {SEGMENT_SIZES} WHERE segment IN {{segments:Array(String)}}"
        " GROUP BY segment"
    )
    return Query(sql, {"segments": list(segments)})


def _two(segment: str, old: int | None, new: int, merged: bool) -> tuple[dict[str, object], dict[str, str]]:
    """Return the parameters and the bitmaps of two counts; of none, the empty one."""
    found = {}
    for name in ("old", "new"):
        rows = _through_merges(f"segment = {{segment:String}} AND at = {{{name}:Int64}}", merged)
        found[name] = f"(SELECT groupBitmapMergeState(members) FROM ({rows}))"
    return {"segment": segment, "old": -1 if old is None else old, "new": new}, found


def _through_merges(where: str, merged: bool) -> str:
    """Return the query for (day, at, members) of some counts, each bit under the profile that it was joined to."""
    rows = f"SELECT day, at, members FROM {SEGMENT_MEMBERS} FINAL WHERE {where}"
    if not merged:
        return rows
    joined = f"{MERGES} FINAL WHERE survivor NOT IN (0, loser)"
    gone = f"(SELECT groupBitmapState(loser) FROM {joined})"
    moved = (
        "SELECT b.day AS day, b.at AS at, groupBitmapState(m.survivor) AS part FROM"
        f" (SELECT day, at, arrayJoin(bitmapToArray(bitmapAnd(members, {gone}))) AS id FROM ({rows})) AS b"
        f" INNER JOIN (SELECT loser, survivor FROM {joined}) AS m ON m.loser = b.id GROUP BY day, at"
    )
    stayed = f"SELECT day, at, bitmapAndnot(members, {gone}) AS part FROM ({rows})"
    return f"SELECT day, at, groupBitmapMergeState(part) AS members FROM ({stayed} UNION ALL {moved}) GROUP BY day, at"
