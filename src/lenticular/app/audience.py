"""Who belongs to a rule: how many, which people, and why one of them does or does not."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lenticular.app.backfill import ask, is_merged
from lenticular.app.engine import unknown_segment
from lenticular.app.past import lacking
from lenticular.app.site import LiveSite
from lenticular.criteria.check import check
from lenticular.criteria.explain import DRAFT, Explanation, explain
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.sentence import sentence
from lenticular.criteria.sql import Question, count_query, counts_query, members_query, reads_session
from lenticular.criteria.sql_history import logged, people_query, session_query, typed, views_of, views_query
from lenticular.criteria.tables import Type
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.text.places import placed
from lenticular.criteria.tree import Everyone, Node
from lenticular.criteria.types import Schema
from lenticular.errors import LenticularError, Problem, RuleError


class Counted(msgspec.Struct, frozen=True, rename="camel"):
    """How many people belong at `at` (ms), known and anonymous. `last_visit`: as of each person's last visit."""

    people: int
    known: int
    anonymous: int
    at: int
    last_visit: bool


class Member(msgspec.Struct, frozen=True, rename="camel"):
    """One person: the profile's id (a text in every JSON), who they said they are, and when they came (ms)."""

    profile: str
    user_id: str
    anonymous_ids: list[str]
    first_seen: int


class Audience(msgspec.Struct, frozen=True):
    """A rule, read and checked, beside the site's segments."""

    key: str
    segments: Segments

    @property
    def tree(self) -> Node:
        """The rule's tree."""
        return self.segments.trees[self.key]


def audience(site: LiveSite, rule: str) -> Audience:
    """Return the audience of a segment's key, or of a rule in text form. Raises RuleError."""
    engine = site.engine
    if rule in engine.segments.trees:
        return Audience(rule, engine.segments)
    if rule and rule.replace("-", "").replace("_", "").isalnum() and rule != "True":
        raise RuleError(unknown_segment(rule, engine))
    return draft(site, DRAFT, rule)


def draft(site: LiveSite, key: str, rule: str) -> Audience:
    """Return the audience of a rule as if it were published under a key. Raises RuleError with places in the text."""
    engine = site.engine
    schema = _known_now(site)
    parsed = parse(rule)
    problems = check(parsed.tree, schema, {*engine.segments.trees, key})
    if problems:
        raise RuleError(*(placed(problem, parsed.places) for problem in problems))
    trees = {**engine.segments.trees, key: parsed.tree}
    needed = {name: trees[name] for name in in_order(trees, [key])}
    return Audience(key, Segments(needed, schema, engine.segments.calendar))


def _known_now(site: LiveSite) -> Schema:
    """The published properties and those that data has brought since."""
    types: dict[tuple[str, str], Type] = dict(site.types)
    return msgspec.structs.replace(site.engine.segments.schema, types=types)


async def count(site: LiveSite, rule: str, at: int | None = None) -> Counted:
    """Return how many people belong to a rule. Raises RuleError, EventsUnavailableError."""
    return await count_audience(site, audience(site, rule), at)


async def count_audience(site: LiveSite, who: Audience, at: int | None = None) -> Counted:
    """Return how many people belong. Raises EventsUnavailableError."""
    question = await _question(site, who, at)
    people, known = (await ask(site.stores.events, count_query(question)))[0]
    return Counted(people, known, people - known, question.at, reads_session(who.tree))


async def count_together(site: LiveSite, who: Audience, others: Sequence[Node], at: int) -> list[int]:
    """Return how many people there are, how many belong, how many of these are known, and the same for other trees.

    One query, so that the numbers are of one moment. Raises EventsUnavailableError.
    """
    question = msgspec.structs.replace(await _question(site, who, at), tree=Everyone())
    row = (await ask(site.stores.events, counts_query(question, [who.tree, *others])))[0]
    return [int(number) for number in row]


async def members(site: LiveSite, rule: str, at: int | None, limit: int, after: int) -> list[Member]:
    """Return up to `limit` members whose profile id is above `after`. Raises RuleError, EventsUnavailableError."""
    question = await _question(site, audience(site, rule), at)
    rows = await ask(site.stores.events, members_query(question, limit, after))
    return [Member(str(profile), user_id, list(ids), first) for profile, user_id, ids, first in rows]


def describe(site: LiveSite, rule: str, language: str = "en") -> tuple[str, str]:
    """Return a rule's sentence in a language (a BCP 47 tag) and its text form. Raises RuleError."""
    who = audience(site, rule)
    return sentence(who.tree, who.segments.schema, language), to_text(who.tree)


async def why(site: LiveSite, rule: str, user_id: str, anonymous_id: str, at: int | None = None) -> Explanation:
    """Explain a rule for one person, as of everything accepted, or as of an earlier moment from the log.

    Raises RuleError, LenticularError for an unknown person, EventsUnavailableError.
    """
    who = audience(site, rule)
    profile = site.collector.current(anonymous_id, user_id, wanted=lambda: who.segments.plan.tallies)
    if profile is None:
        name = user_id or anonymous_id
        raise LenticularError(
            Problem("person.unknown", f"Nobody is known as {name!r}.", hint="Give a userId or an anonymousId.")
        )
    person = site.person(profile)
    counted_live = who.segments is site.engine.segments
    if at is not None or not counted_live or lacking(site, profile, [who.key]):
        person = await person_at(site, profile.id, person, who.segments, site.clock() if at is None else at)
    return explain(who.segments, who.key, person, site.clock() if at is None else at)


async def person_at(site: LiveSite, profile_id: int, person: Person, segments: Segments, at: int) -> Person:
    """Return a person with behaviours, interests and session as the log has them at `at` (ms).

    Traits, organizations, consent and static lists are today's.

    Raises EventsUnavailableError.
    """
    await site.settle()
    tallies = (await tallies_at(site, [profile_id], segments, at))[profile_id]
    merged = await is_merged(site.stores.events)
    views = await ask(site.stores.events, views_query(profile_id, at, segments.calendar.day(at), merged))
    person = msgspec.structs.replace(person, interests=views_of(views))
    sessions = await ask(site.stores.events, session_query(profile_id, at, merged))
    if not sessions:
        return msgspec.structs.replace(person, session={}, session_start=None, tallies=tallies)
    start, properties = sessions[0]
    return msgspec.structs.replace(person, session=typed(properties), session_start=start, tallies=tallies)


async def tallies_at(
    site: LiveSite, profile_ids: Sequence[int], segments: Segments, at: int
) -> dict[int, dict[str, object]]:
    """Return some people's tallies, counted from what the log has up to `at` (ms). Raises EventsUnavailableError."""
    tallies: dict[int, dict[str, object]] = {profile_id: {} for profile_id in profile_ids}
    if segments.plan.events:
        merged = await is_merged(site.stores.events)
        query = people_query(profile_ids, segments.plan.events, at, merged)
        for row in await ask(site.stores.events, query):
            event = logged(row, at)
            segments.plan.step(tallies[event.profile_id], event)
    return tallies


async def _question(site: LiveSite, who: Audience, at: int | None) -> Question:
    merged = await is_merged(site.stores.events)
    moment = site.clock() if at is None else at
    return Question(who.tree, who.segments.trees, who.segments.schema, who.segments.calendar, moment, merged)
