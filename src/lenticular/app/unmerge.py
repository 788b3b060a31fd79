"""Unmerge: an operator undoes a merge that was wrong, through the journal like everything (ADR 0017)."""

from __future__ import annotations

import msgspec

from lenticular.app.site import LiveSite
from lenticular.errors import LenticularError, Problem
from lenticular.intake.message import MAX_ID
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile


class Unmerging(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Which identity is to leave the profile that it was joined to: one of the two.

    With a `message_id` the same request counts once, however often it is sent.
    """

    user_id: str = ""
    anonymous_id: str = ""
    message_id: str = ""


class Known(msgspec.Struct, frozen=True, rename="camel"):
    """A profile (its id is a text in every JSON) and the identities that lead to it; other user ids after an alias."""

    profile: str
    user_id: str
    other_user_ids: list[str]
    anonymous_ids: list[str]


class Unmerged(msgspec.Struct, frozen=True):
    """Who came `back`, and who they were `taken` out of; None if that was so already."""

    back: Known
    taken: Known | None


async def unmerge(site: LiveSite, asked: Unmerging) -> Unmerged:
    """Undo the latest merge of the profile that an identity leads to, if that brought it; return when it is on disk.

    Raises LenticularError with what to undo first, or why it can't be undone; StoreError.
    """
    _check(asked)
    collector, now = site.collector, site.clock()
    event = Event(
        type="unmerge",
        message_id=asked.message_id or f"unmerge-{site.new_id()}",
        time=now,
        received=now,
        user_id=asked.user_id,
        anonymous_id=asked.anonymous_id,
        trusted=True,
    )
    await collector.drain()
    before = collector.current(asked.anonymous_id, asked.user_id)
    if before is None:
        name = asked.user_id or asked.anonymous_id
        hint = "Give a userId or an anonymousId."
        raise LenticularError(Problem("person.unknown", f"Nobody is known as {name!r}.", hint=hint))
    objection = collector.objection(event)
    if objection:
        raise LenticularError(Problem("person.merged", objection))
    await site.accept([event])
    await collector.drain()
    back = collector.current(asked.anonymous_id, asked.user_id)
    if objection is None or back is None:
        return Unmerged(_known(back or before), None)
    taken = site.stores.profiles.get(before.id)
    if taken is None or back.id == before.id:
        hint = "Look at the person, and try again."
        raise LenticularError(Problem("person.changed", "The person changed at the same moment.", hint=hint))
    return Unmerged(_known(back), _known(taken))


def _known(profile: Profile) -> Known:
    return Known(str(profile.id), profile.user_id, profile.other_user_ids, profile.anonymous_ids)


def _check(asked: Unmerging) -> None:
    if bool(asked.user_id) == bool(asked.anonymous_id):
        hint = "Give a userId or an anonymousId."
        raise LenticularError(Problem("person.ids", "One identity must be named, and only one.", hint=hint))
    for name in ("user_id", "anonymous_id", "message_id"):
        value = getattr(asked, name)
        if len(value) > MAX_ID or "\0" in value:
            raise LenticularError(Problem("person.ids", f"An id has at most {MAX_ID} characters.", name))
