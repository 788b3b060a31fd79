"""Count who belongs to a segment and keep them: who joined and who left are people, not just numbers (ADR 0029)."""

from __future__ import annotations

import msgspec

from lenticular.app.backfill import ask, is_merged
from lenticular.app.site import LiveSite
from lenticular.criteria.segments import Segments
from lenticular.criteria.sql import Question, keep_members_query
from lenticular.criteria.sql_sizes import (
    counts_before_query,
    joined_ids_query,
    keep_size_query,
    left_ids_query,
    moved_query,
)


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


async def keep_members(site: LiveSite, segments: Segments, key: str, at: int, before: int | None = None) -> Count:
    """Keep who belongs to a segment as of `at` (ms), and how that differs from the last count before `before` (`at`).

    The same moment again replaces what was kept. Raises RuleError for a rule that is too large, EventsUnavailableError.
    """
    events = site.stores.events
    merged = await is_merged(events)
    question = Question(segments.trees[key], segments.trees, segments.schema, segments.calendar, at, merged)
    statement = keep_members_query(question, key)
    await events.write(statement.sql, statement.parameters)
    last = await ask(events, counts_before_query(key, at if before is None else before))
    old = int(last[0][1]) if last else None
    size, known, joined, left = (int(number) for number in (await ask(events, moved_query(key, old, at, merged)))[0])
    if old is None:
        joined = left = 0
    statement = keep_size_query(key, at, (size, known, joined, left))
    await events.write(statement.sql, statement.parameters)
    return Count(key, at, old, size, known, joined, left)


async def who_moved(site: LiveSite, count: Count) -> tuple[list[int], list[int]]:
    """Return the profile ids of those who joined and of those who left between a count and the one before it.

    Nobody has moved where there was none before: everyone would have. Raises EventsUnavailableError.
    """
    if count.before is None or not (count.joined or count.left):
        return [], []
    events = site.stores.events
    merged = await is_merged(events)
    which = count.segment, count.before, count.at, merged
    joined, left = await ask(events, joined_ids_query(*which)), await ask(events, left_ids_query(*which))
    return [int(row[0]) for row in joined], [int(row[0]) for row in left]
