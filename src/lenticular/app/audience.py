"""Who belongs to a rule: the rule beside a site's segments, and why someone belongs or does not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from lenticular.app.backfill import ask, is_merged
from lenticular.app.engine import unknown_segment
from lenticular.app.past import lacking
from lenticular.app.site import LiveSite
from lenticular.catalog.rules import without_list
from lenticular.criteria.check import check
from lenticular.criteria.explain import DRAFT, Explanation, explain
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.segments import Segments
from lenticular.criteria.sentence import sentence
from lenticular.criteria.sql import Question
from lenticular.criteria.sql_history import Logged, logged, people_query, session_query, typed, views_of, views_query
from lenticular.criteria.tables import Type
from lenticular.criteria.tally.kept import all_kept
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.text.places import placed
from lenticular.criteria.tree import Node
from lenticular.criteria.types import Schema
from lenticular.errors import EventsUnavailableError, LenticularError, Problem, RuleError

AS_OF_NOW = ("traits", "organizations", "consent", "lists", "merges")
"""What is told as it is now, whatever moment is asked about."""
_PATIENCE = 5.0


class Explained(Explanation, frozen=True, rename="camel"):
    """An explanation; for an earlier moment `as_of_now` names what is as it is now all the same."""

    as_of_now: tuple[str, ...] = ()


class Someone(msgspec.Struct, frozen=True):
    """A person, by either id."""

    user_id: str = ""
    anonymous_id: str = ""


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
    problems += without_list(parsed.tree, engine.catalog.segments)
    if problems:
        raise RuleError(*(placed(problem, parsed.places) for problem in problems))
    trees = {**engine.segments.trees, key: parsed.tree}
    needed = {name: trees[name] for name in in_order(trees, [key])}
    return Audience(key, Segments(needed, schema, engine.segments.calendar))


def _known_now(site: LiveSite) -> Schema:
    """The published properties and those that data has brought since."""
    types: dict[tuple[str, str], Type] = dict(site.types)
    return msgspec.structs.replace(site.engine.segments.schema, types=types)


def describe(site: LiveSite, rule: str, language: str = "en") -> tuple[str, str]:
    """Return a rule's sentence in a language (a BCP 47 tag) and its text form. Raises RuleError.

    Of a segment with a static list the text form is its rule's alone.
    """
    who = audience(site, rule)
    said = sentence(who.tree, who.segments.schema, language)
    segment = site.engine.catalog.segments.get(who.key)
    if segment is None or not segment.static:
        return said, to_text(who.tree)
    return said, to_text(parse(segment.rule).tree) if segment.rule.strip() else ""


async def why(site: LiveSite, rule: str, who: Someone, at: int | None = None, language: str = "en") -> Explained:
    """Explain a rule for one person, as of everything accepted, or as of an earlier moment from the log.

    Without the events store a segment is explained too, but for the events that counted. Raises RuleError,
    LenticularError for an unknown person, EventsUnavailableError.
    """
    asked = audience(site, rule)
    profile = site.collector.current(
        who.anonymous_id, who.user_id, wanted=lambda: site.engine.behaviours_of([asked.key])
    )
    if profile is None:
        name = who.user_id or who.anonymous_id
        raise LenticularError(
            Problem("person.unknown", f"Nobody is known as {name!r}.", hint="Give a userId or an anonymousId.")
        )
    person, moment = site.person(profile), site.clock() if at is None else at
    live = asked.segments is site.engine.segments
    if at is None and live and not lacking(site, profile, [asked.key]):
        history = await _evidence(site, profile.id, asked, moment)
    else:
        person = await person_at(site, profile.id, person, asked.segments, moment)
        history = await _history(site, profile.id, asked, moment)
    found = explain(asked.segments, asked.key, person, moment, history, language)
    told = {name: getattr(found, name) for name in Explanation.__struct_fields__}
    return Explained(**told, as_of_now=as_of_now(site, at))


async def _evidence(site: LiveSite, profile_id: int, who: Audience, at: int) -> list[Logged] | None:
    """Return someone's events, None where the events store is not there or is far behind."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await site.collector.drain()
            await site.flusher.drain(_PATIENCE)
            return await _history(site, profile_id, who, at)
    except (EventsUnavailableError, TimeoutError):
        return None


async def _history(site: LiveSite, profile_id: int, who: Audience, at: int) -> list[Logged]:
    """Return someone's events that a rule asks for, as the log has them up to `at` (ms)."""
    segments, names = who.segments, set[str]()
    for key in in_order(segments.trees, [who.key]):
        for one in all_kept(segments.trees[key], segments.schema):
            names |= segments.plan.tallies[one.key].events
    if not names:
        return []
    merged = await is_merged(site.stores.events)
    rows = await ask(site.stores.events, people_query([profile_id], sorted(names), at, merged))
    return [logged(row, at) for row in rows]


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


async def question_of(site: LiveSite, who: Audience, at: int | None) -> Question:
    """Return what the events store is asked about an audience, as of `at` (ms) or of now."""
    merged = await is_merged(site.stores.events)
    moment = site.clock() if at is None else at
    return Question(who.tree, who.segments.trees, who.segments.schema, who.segments.calendar, moment, merged)


def as_of_now(site: LiveSite, at: int | None) -> tuple[str, ...]:
    """Return what an answer as of `at` (ms) tells as it is now; nothing if that is now."""
    return AS_OF_NOW if at is not None and at < site.clock() else ()
