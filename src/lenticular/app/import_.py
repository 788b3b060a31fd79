"""Import: rows of a file become events, each counted once however often the file is imported (ADR 0018)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from lenticular.app.backfill import ask
from lenticular.app.columns import Columns, What, properties_of
from lenticular.app.import_order import in_order
from lenticular.app.import_part import Taken
from lenticular.app.pending import identities_of
from lenticular.app.report import Report
from lenticular.app.row_events import RowEvents, Source
from lenticular.app.site import LiveSite
from lenticular.app.unchanged import says_nothing_new
from lenticular.criteria.sql_history import known_ids_query, received_before_query
from lenticular.criteria.tables import Type
from lenticular.errors import Problem
from lenticular.profiles.builtin import MAX_PROPERTIES
from lenticular.profiles.event import Event
from lenticular.profiles.fold import Registering

_HOUR = 3_600_000
_FEW = 100
"""Rows that are compared with what is known at once: about a millisecond."""
_REMEMBERED = 29 * 86_400_000
"""Younger messages (ms since arrival) the profiles remember by themselves."""


class Rows(msgspec.Struct, frozen=True):
    """A part of a file: its name, what its columns mean, the types guessed for it, and (line, cells)."""

    name: str
    columns: Columns
    guessed: dict[str, Type]
    rows: list[tuple[int, dict[str, Any]]]
    what: What = "events"


class Lines(msgspec.Struct, frozen=True):
    """Events and the line that each comes from.

    `create`: whoever is put on a list and is unknown becomes a profile. `dry`: nothing changes. `again`: these are rows
    that are read again and again, and what they say counts, not that they were seen.
    """

    events: Sequence[Event]
    lines: Sequence[int]
    what: What = "events"
    create: bool = False
    dry: bool = False
    again: bool = False


async def import_rows(site: LiveSite, part: Rows) -> Report:
    """Accept the rows of a part of a file, person by person, oldest first. Raises StoreError."""
    learn(site, properties_of(part.guessed, part.columns, part.what))
    made = RowEvents(Source(part.name, part.columns, site.clock(), site.types, part.what))
    report, registering = Report(), Registering(site.collector.types)
    good = list[tuple[Event, int]]()
    for line, cells in part.rows:
        event = made.event(line, cells)
        if isinstance(event, Problem):
            report.refuse(line, event)
            continue
        registering.add(event)
        good.append((event, line))
    good = in_order(good, lambda pair: pair[0])
    events, lines = [event for event, _ in good], [line for _, line in good]
    report.add((await take(site, Lines(events, lines, part.what))).report)
    return report


def learn(site: LiveSite, types: dict[tuple[str, str], Type]) -> None:
    """Register properties that are not known yet, as many as a site may have."""
    for key, kind in types.items():
        if len(site.types) < MAX_PROPERTIES:
            site.types.setdefault(key, kind)


async def take(site: LiveSite, part: Lines) -> Taken:
    """Accept the events of a part of a file that are new, in their order. Raises StoreError, EventsUnavailableError."""
    await ready(site)
    if part.what == "members":
        fresh, report, unknown = _unlisted(site, part)
    elif part.again:
        fresh, report, unknown = *await _changing(site, part), list[int]()
    else:
        fresh, report, unknown = *await _unseen(site, part), list[int]()
    if not part.dry:
        registering = Registering(site.collector.types)
        for event in fresh:
            registering.add(event)
        site.register()
        await site.accept(fresh)
    return Taken(report, unknown, len(site.types))


async def ready(site: LiveSite) -> None:
    """Return when a part can be taken in."""
    await site.collector.drain()
    if site.overloaded:
        await site.flusher.drain()  # an import must not be why live events are refused


async def _unseen(site: LiveSite, part: Lines) -> tuple[list[Event], Report]:
    """Return the events that were not accepted before, each message once."""
    events: dict[int, Event] = {}
    for event in part.events:
        events.setdefault(site.stores.profiles.mark(event.message_id), event)
    seen = site.stores.profiles.has_seen(events) | await _in_log(site, events)
    fresh = [event for mark, event in events.items() if mark not in seen]
    return fresh, Report(accepted=len(fresh), duplicate=len(part.events) - len(fresh))


async def _changing(site: LiveSite, part: Lines) -> tuple[list[Event], Report]:
    """Return the events that would change what is known; a few at a time, for decisions go first."""
    fresh: list[Event] = []
    for at in range(0, len(part.events), _FEW):
        piece = part.events[at : at + _FEW]
        look = site.stores.profiles.ahead([each for event in piece for each in identities_of(event)], ())
        fresh += [event for event in piece if not says_nothing_new(look, event)]
        await asyncio.sleep(0)
    return fresh, Report(accepted=len(fresh), duplicate=len(part.events) - len(fresh))


def _unlisted(site: LiveSite, part: Lines) -> tuple[list[Event], Report, list[int]]:
    """Return those who are not on the list, and the lines of those who are unknown."""
    named = [_who(event) for event in part.events]
    look = site.stores.profiles.ahead(named, ())
    fresh: dict[tuple[str, str], Event] = {}
    unknown: list[int] = []
    report = Report()
    for (kind, value), event, line in zip(named, part.events, part.lines, strict=True):
        found = look.find(kind, value)
        profile = None if found is None else look.get(found)
        if profile is None and not part.create:
            unknown.append(line)
        elif (kind, value) in fresh or (profile is not None and event.lists.keys() <= set(profile.lists)):
            report.duplicate += 1
        else:
            fresh[kind, value] = event
    report.accepted, report.unknown = len(fresh), len(unknown)
    return list(fresh.values()), report, unknown


def _who(event: Event) -> tuple[str, str]:
    return ("user", event.user_id) if event.user_id else ("anonymous", event.anonymous_id)


async def _in_log(site: LiveSite, events: dict[int, Event]) -> set[int]:
    """Return which events the log has from before the time that the profiles remember message ids for."""
    if not events or not await is_old(site):
        return set()
    times = [event.time for event in events.values()]
    ids = [event.message_id for event in events.values()]
    return await known(site, ids, min(times), max(times))


async def known(site: LiveSite, ids: Sequence[str], first: int, last: int) -> set[int]:
    """Return the marks of those of some message ids, from a stretch of time, that the log has."""
    rows = await ask(site.stores.events, known_ids_query(ids, first, last)) if ids else []
    return {site.stores.profiles.mark(message_id) for (message_id,) in rows}


async def is_old(site: LiveSite) -> bool:
    """Return whether the log has what the profiles do not remember; looked at anew every hour.

    What comes in meanwhile is remembered, so it may wait for the log.
    """
    now = site.clock()
    if abs(now - site.looked_at_log) > _HOUR:
        await site.flusher.drain()
        site.log_is_old = bool(await ask(site.stores.events, received_before_query(now - _REMEMBERED)))
        site.looked_at_log = now
    return site.log_is_old
