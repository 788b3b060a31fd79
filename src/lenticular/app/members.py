"""Who belongs to a rule: page by page, or some of them to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from lenticular.app.audience import as_of_now, audience, question_of
from lenticular.app.backfill import ask
from lenticular.app.count import Sampling, sample_of
from lenticular.app.shown import plain_value, shown_fields
from lenticular.app.site import LiveSite
from lenticular.criteria.sql import Question, Shown, members_query, reads_session, some_members_query


class Member(msgspec.Struct, frozen=True, rename="camel"):
    """One person: the profile's id (a text in every JSON), who they said they are, and when they came (ms).

    `known`: whether they have a user id. `fields` has the properties that were asked for, None for a missing one.
    """

    profile: str
    user_id: str
    anonymous_ids: list[str]
    first_seen: int
    known: bool
    fields: dict[str, Any] = {}


class Asking(msgspec.Struct, frozen=True):
    """Which members: up to `limit` with a profile id above `after`, or `sample` of all that `seed` draws.

    `fields` are the properties to show of each.
    """

    limit: int = 100
    after: int = 0
    sample: int = 0
    seed: int = 0
    fields: tuple[str, ...] = ()


class Members(msgspec.Struct, frozen=True, rename="camel"):
    """Members at `at` (ms), in the order of their profile ids, and where the next page begins, if there is one.

    With `at` of the first page for all others, the pages together hold everyone once. `last_visit` and `as_of_now`
    mean what they mean in a count.
    """

    members: list[Member]
    next: str | None
    at: int
    last_visit: bool
    as_of_now: tuple[str, ...] = ()


async def members(site: LiveSite, rule: str, at: int | None, asking: Asking, sampling: Sampling) -> Members:
    """Return members of a rule. Raises RuleError, LenticularError for unknown fields, EventsUnavailableError."""
    who = audience(site, rule)
    shown = shown_fields(asking.fields, who.segments.schema)
    question = await question_of(site, who, at)
    following = None
    if asking.sample:
        seeded = msgspec.structs.replace(sampling, seed=asking.seed)
        rows = await _some(site, question, asking, shown, seeded)
    else:
        rows = await ask(site.stores.events, members_query(question, asking.limit, asking.after, shown))
        following = str(rows[-1][0]) if len(rows) == asking.limit else None
    found = [member_of(row, asking.fields, shown) for row in rows]
    return Members(found, following, question.at, reads_session(who.tree), as_of_now(site, at))


async def _some(
    site: LiveSite, question: Question, asking: Asking, shown: Sequence[Shown], sampling: Sampling
) -> list[tuple[Any, ...]]:
    """Return a sample of members.

    Where there are very many profiles, those that a count's sample has are asked first: they are the same ones, and
    only a rule that few fit needs a look at the rest.
    """
    for sample in dict.fromkeys((sample_of(site, sampling), None)):
        asked = msgspec.structs.replace(question, sample=sample)
        query = some_members_query(asked, asking.sample, asking.seed, shown)
        rows = await ask(site.stores.events, query)
        if len(rows) == asking.sample:
            break
    return sorted(rows)


def member_of(row: Sequence[Any], names: Sequence[str] = (), shown: Sequence[Shown] = ()) -> Member:
    """Return the member of a row: id, user id, anonymous ids, first seen, and the properties shown."""
    profile, user_id, ids, first, *values = row
    fields = {name: plain_value(value, kind) for name, (_, kind), value in zip(names, shown, values, strict=True)}
    return Member(str(profile), user_id, list(ids), first, bool(user_id), fields)
