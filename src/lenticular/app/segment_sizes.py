"""Count who belongs to a segment and keep them: who joined and who left are people, not just numbers (ADR 0029)."""

from __future__ import annotations

import msgspec

from lenticular.app.backfill import ask, is_merged
from lenticular.app.site import LiveSite
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question, keep_members_query
from lenticular.criteria.sql_sizes import (
    as_one,
    joined_ids_query,
    keep_size_query,
    left_ids_query,
    moved_query,
)
from lenticular.stores.clickhouse.events import ClickHouseEvents


class Count(msgspec.Struct, frozen=True):
    """A segment as it was counted at `at` (ms); `before` is when it was counted the time before, None for never.

    `size` people, `known` of them with a user id; how many `joined` and `left` in between.
    """

    segment: str
    at: int
    before: int | None
    size: int
    known: int
    joined: int
    left: int


class Counting(msgspec.Struct, frozen=True):
    """What segments are counted by, as of `at` (ms); `merged`: profiles were joined to others."""

    segments: Segments
    at: int
    merged: bool


async def counting(site: LiveSite, at: int) -> Counting:
    """Return a count of the live segments as of `at` (ms). Raises EventsUnavailableError."""
    return Counting(site.engine.segments, at, await is_merged(site.stores.events))


async def keep_members(events: ClickHouseEvents, by: Counting, key: str, before: int | None = None) -> Count:
    """Keep who belongs to a segment, and how that differs from the last count before `before` (None: this one).

    The same moment again replaces what was kept. Raises RuleError for a rule that is too large, EventsUnavailableError.
    """
    segments, at = by.segments, by.at
    question = Question(segments.trees[key], segments.trees, segments.schema, segments.calendar, at, by.merged)
    statement = keep_members_query(question, key)
    await events.write(statement.sql, statement.parameters)
    [row] = await ask(events, moved_query(key, at, at if before is None else before, by.merged))
    old, size, known, joined, left = (int(number) for number in row)
    if not old:
        joined = left = 0
    statement = keep_size_query(key, at, (size, known, joined, left))
    await events.write(statement.sql, statement.parameters)
    return Count(key, at, old or None, size, known, joined, left)


async def who_moved(events: ClickHouseEvents, count: Count) -> tuple[list[int], list[int]]:
    """Return the profile ids of those who joined and of those who left between a count and the one before it.

    Nobody has moved where there was none before: everyone would have. Raises EventsUnavailableError.
    """
    if count.before is None or not (count.joined or count.left):
        return [], []
    merged = await is_merged(events)
    which = count.segment, count.before, count.at, merged
    [[joined]] = await ask(events, as_one(joined_ids_query(*which)))
    [[left]] = await ask(events, as_one(left_ids_query(*which)))
    return list(joined), list(left)
