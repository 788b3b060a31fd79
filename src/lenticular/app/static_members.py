"""Static members: people put on a segment's list by hand, through the journal like everything else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from lenticular.app.backfill import ask
from lenticular.app.engine import unknown_segment
from lenticular.app.members import Member, member_of
from lenticular.app.site import LiveSite
from lenticular.catalog.rules import no_list
from lenticular.catalog.segment import MOST_LISTED
from lenticular.criteria.sql_static import static_query
from lenticular.errors import LenticularError, Problem
from lenticular.intake.message import MAX_ID
from lenticular.intake.refused import RefusedError
from lenticular.intake.values import sound
from lenticular.profiles.event import Event


class Listing(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Whom to put on a segment's static list, or with `remove` to take off it; up to 10,000 ids in all."""

    user_ids: tuple[str, ...] = ()
    anonymous_ids: tuple[str, ...] = ()
    remove: bool = False


class Listed(msgspec.Struct, frozen=True):
    """How many different ids were put on the list or taken off it; who was there, or was not, counts as well."""

    ids: int


async def change_list(site: LiveSite, segment: str, listing: Listing) -> Listed:
    """Put people on a segment's static list, or take them off it; return when that is on disk.

    Someone unknown becomes a profile when they are put on it. Nobody is put on the list of a segment that has none.
    Raises LenticularError, StoreError.
    """
    _check_segment(site, segment)
    segments = site.engine.catalog.segments
    if not listing.remove and not segments[segment].static:
        raise LenticularError(no_list(segment, segments))
    now = site.clock()
    events = [
        Event(
            type="member",
            message_id=f"member-{site.new_id()}",
            time=now,
            received=now,
            user_id=value if kind == "user" else "",
            anonymous_id=value if kind == "anonymous" else "",
            trusted=True,
            lists={segment: not listing.remove},
        )
        for kind, value in _ids(listing)
    ]
    await site.accept(events)
    return Listed(len(events))


async def static_members(site: LiveSite, segment: str, limit: int, after: int) -> list[Member]:
    """Return up to `limit` static members whose profile id is above `after`, as the events store has them.

    Raises LenticularError, EventsUnavailableError.
    """
    _check_segment(site, segment)
    rows = await ask(site.stores.events, static_query(segment, limit, after))
    return [member_of(row) for row in rows]


def _check_segment(site: LiveSite, segment: str) -> None:
    if segment not in site.engine.segments.trees:
        raise LenticularError(unknown_segment(segment, site.engine))


def _ids(listing: Listing) -> list[tuple[str, str]]:
    """Return the different identities that are named, in order. Raises LenticularError."""
    named = [
        *(("user", f"userIds/{at}", value) for at, value in enumerate(listing.user_ids)),
        *(("anonymous", f"anonymousIds/{at}", value) for at, value in enumerate(listing.anonymous_ids)),
    ]
    if not named:
        hint = "Give userIds, anonymousIds, or both."
        raise LenticularError(Problem("members.none", "Nobody is named.", hint=hint))
    if len(named) > MOST_LISTED:
        hint = "Send them in several requests."
        raise LenticularError(Problem("members.many", f"{len(named):,} ids are more than {MOST_LISTED:,}.", hint=hint))
    problems = list(_problems(named))
    if problems:
        raise LenticularError(*problems)
    return list(dict.fromkeys((kind, value) for kind, _, value in named))


def _problems(named: Sequence[tuple[str, str, str]]) -> Iterator[Problem]:
    for _, place, value in named:
        if not value:
            yield Problem("members.id", "This id is empty.", place, "Leave it out.")
        elif len(value) > MAX_ID:
            yield Problem("members.id", f"This id is longer than {MAX_ID} characters.", place, "Shorten it.")
        else:
            try:
                sound(value, "", place)
            except RefusedError as refused:
                yield msgspec.structs.replace(refused.problems[0], place=place)
