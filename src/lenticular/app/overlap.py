"""How segments overlap: how many people are in every combination of some."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lenticular.app.audience import Audience, question_of
from lenticular.app.backfill import ask
from lenticular.app.segment_history import check_segment
from lenticular.app.site import LiveSite
from lenticular.criteria.sql import overlap_query
from lenticular.criteria.tree import Everyone
from lenticular.errors import LenticularError, Problem

_MOST = 4


class Combination(msgspec.Struct, frozen=True):
    """So many people are in these segments, and in none of the others that were asked for."""

    segments: list[str]
    people: int


class Overlap(msgspec.Struct, frozen=True):
    """Every combination of some segments that anyone is in, the largest first, as of `at` (ms)."""

    combinations: list[Combination]
    at: int


async def overlap(site: LiveSite, keys: Sequence[str], at: int | None = None) -> Overlap:
    """Return how many people are in each combination of up to four segments, as of now or of `at` (ms).

    Raises LenticularError for other numbers of them and for unknown ones, EventsUnavailableError.
    """
    wanted = list(dict.fromkeys(keys))
    if not 1 <= len(wanted) <= _MOST:
        raise LenticularError(
            Problem("overlap", "From one to four segments can be compared.", "segments", "Name some.")
        )
    for key in wanted:
        check_segment(site, key)
    segments = site.engine.segments
    question = await question_of(site, Audience(wanted[0], segments), at)
    query = overlap_query(msgspec.structs.replace(question, tree=Everyone()), [segments.trees[key] for key in wanted])
    found = [
        Combination([key for bit, key in enumerate(wanted) if which >> bit & 1], int(people))
        for which, people in await ask(site.stores.events, query)
        if which
    ]
    return Overlap(sorted(found, key=lambda one: (-one.people, one.segments)), question.at)
