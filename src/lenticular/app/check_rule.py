"""Check a rule while it is being written: what is wrong with it, and what no event has ever had."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import msgspec

from lenticular.app.audience import Audience, draft
from lenticular.app.backfill import ask
from lenticular.app.site import LiveSite
from lenticular.criteria.explain import DRAFT
from lenticular.criteria.mentioned import MentionedEvent, mentioned_events
from lenticular.criteria.sentence import sentence
from lenticular.criteria.sql_seen import event_names_query, has_field_query
from lenticular.criteria.text import parse, to_text
from lenticular.criteria.text.places import placed
from lenticular.errors import EventsUnavailableError, Problem, RuleError, did_you_mean

_FRESH = 10_000
"""So long (ms) the names of events are taken from memory."""


class Checked(msgspec.Struct, frozen=True):
    """What is wrong with a rule, or nothing; then its text form and its sentence too.

    `notes` name events and fields that were never seen: no error, they count nothing. None when the events store
    can't be asked.
    """

    problems: list[Problem]
    notes: list[Problem] | None
    text: str | None = None
    sentence: str | None = None


async def check_rule(site: LiveSite, rule: str, language: str = "en") -> Checked:
    """Check a rule in text form."""
    try:
        who = draft(site, DRAFT, rule)
    except RuleError as error:
        return Checked(list(error.problems), [])
    said = sentence(who.tree, who.segments.schema, language)
    try:
        notes: list[Problem] | None = await _notes(site, who, rule)
    except EventsUnavailableError:
        notes = None
    return Checked([], notes, to_text(who.tree), said)


async def _notes(site: LiveSite, who: Audience, rule: str) -> list[Problem]:
    """Return a note for each event and field that was never seen, placed in the rule's text."""
    mentioned, places = mentioned_events(who.tree), parse(rule).places
    names = await _event_names(site, [one.name for one in mentioned])
    notes = []
    for one in mentioned:
        if one.name not in names:
            message = f'The event "{one.name}" was never seen.'
            notes.append(Problem("note.event", message, one.path, did_you_mean(one.name, names)))
        else:
            notes += await _fields(site, one)
    return list(dict.fromkeys(placed(note, places) for note in notes))


async def _fields(site: LiveSite, one: MentionedEvent) -> list[Problem]:
    """Return a note for each field that no event of a name has ever had."""
    notes, known = [], [name for scope, name in site.types if scope == "event"]
    for path, field in one.fields:
        if ("event", field) in site.types and await ask(site.stores.events, has_field_query(one.name, field)):
            continue
        message = f'No "{one.name}" has ever had {field!r}.'
        hint = did_you_mean(field, [name for name in known if name != field])
        notes.append(Problem("note.field", message, path, hint))
    return notes


class _Names(msgspec.Struct):
    at: int
    names: frozenset[str]


_seen: WeakKeyDictionary[LiveSite, _Names] = WeakKeyDictionary()


async def _event_names(site: LiveSite, asked: Sequence[str]) -> frozenset[str]:
    """Return the names of all events; a name that is asked for and not known is looked up again after a while."""
    kept, now = _seen.get(site), site.clock()
    if kept is None or (not kept.names.issuperset(asked) and not 0 <= now - kept.at < _FRESH):
        rows = await ask(site.stores.events, event_names_query()) if asked else []
        _seen[site] = kept = _Names(now, frozenset(name for (name,) in rows))
    return kept.names
