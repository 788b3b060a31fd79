"""Who joined a segment and who left it between two days: people, page by page."""

from __future__ import annotations

import msgspec

from lenticular.app.audience import Audience, question_of
from lenticular.app.backfill import ask, is_merged
from lenticular.app.members import Asking, Member, member_of
from lenticular.app.segment_history import check_segment, day_number_of, day_text
from lenticular.app.shown import shown_fields
from lenticular.app.site import LiveSite
from lenticular.criteria.sql import these_members_query
from lenticular.criteria.sql_sizes import counts_before_query, day_query, joined_ids_query, left_ids_query
from lenticular.criteria.tree import Everyone
from lenticular.errors import LenticularError, Problem


class Between(msgspec.Struct, frozen=True):
    """A local day (`2026-11-29`) and the one to compare it with; empty: the one that was counted before it."""

    day: str
    since: str = ""


class MovedMembers(msgspec.Struct, frozen=True):
    """People who joined a segment, or left it, between the days `since` (null: there was none) and `day`.

    In the order of their profile ids; `next` is where the next page begins, if there is one.
    """

    members: list[Member]
    next: str | None
    day: str
    since: str | None


async def moved(site: LiveSite, segment: str, joined: bool, between: Between, asking: Asking) -> MovedMembers:
    """Return who joined a segment between two days (else: who left it), page by page.

    Raises LenticularError for a day on which it was not counted, EventsUnavailableError.
    """
    check_segment(site, segment)
    events, segments = site.stores.events, site.engine.segments
    new = await _counted(site, segment, between.day, "day")
    if between.since:
        old: tuple[int, int] | None = await _counted(site, segment, between.since, "since")
    else:
        start = segments.calendar.start_of(new[0])
        rows = await ask(events, counts_before_query(segment, start))
        old = (int(rows[0][0]), int(rows[0][1])) if rows else None
    which = segment, old[1] if old else None, new[1], await is_merged(events)
    ids = joined_ids_query(*which) if joined else left_ids_query(*which)
    question = await question_of(site, Audience(segment, segments), None)
    everyone = msgspec.structs.replace(question, tree=Everyone())
    shown = shown_fields(asking.fields, segments.schema)
    found = await ask(events, these_members_query(everyone, ids, asking.limit, asking.after, shown))
    following = str(found[-1][0]) if len(found) == asking.limit else None
    people = [member_of(row, asking.fields, shown) for row in found]
    return MovedMembers(people, following, day_text(new[0]), day_text(old[0]) if old else None)


async def _counted(site: LiveSite, segment: str, day: str, place: str) -> tuple[int, int]:
    """Return a day's number, and when a segment was counted last on it. Raises LenticularError if it was not."""
    rows = await ask(site.stores.events, day_query(segment, day_number_of(day, place)))
    if not rows:
        hint = "Its history lists the days on which it was."
        raise LenticularError(Problem("history.day", f"It was not counted on {day}.", place, hint))
    return int(rows[0][0]), int(rows[0][1])
