"""Export: everything of one kind as of one moment, page by page, however much it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from functools import partial
from typing import Any, Literal

import msgspec

from lenticular.app.audience import audience, question_of
from lenticular.app.backfill import ask, is_merged
from lenticular.app.export_rows import Row, event_row, named_column, organization_row, person_row
from lenticular.app.give_way import politely
from lenticular.app.shown import shown_fields
from lenticular.app.site import LiveSite
from lenticular.criteria.sql import members_query
from lenticular.criteria.sql_export import (
    WEEK,
    Spot,
    Stretch,
    end_query,
    event_keys_query,
    events_query,
    names_query,
    newest_query,
    organizations_query,
    trait_keys_query,
    weeks_query,
)
from lenticular.criteria.tables import Type, split_key
from lenticular.errors import LenticularError, Problem

What = Literal["events", "people", "organizations", "members"]
PAGE = 10_000
"""Rows that are read at once."""
_EARLIEST, _LATEST = -(1 << 52), 1 << 52


class Asked(msgspec.Struct, frozen=True):
    """What to export: events that happened from `start` to before `end` (ms), or people who belong to `rule` at `at`.

    `fields` are the properties to tell of people: `user.plan`, `session.country`; without any, people have all their
    traits and members none.
    """

    what: What
    start: int | None = None
    end: int | None = None
    rule: str = ""
    at: int | None = None
    fields: tuple[str, ...] = ()


class Export(msgspec.Struct, frozen=True):
    """An export: the columns that its rows can have, with the types that occur in each, and the rows in pages."""

    columns: dict[str, tuple[Type, ...]]
    pages: AsyncGenerator[list[Row], None]


async def export(site: LiveSite, asked: Asked) -> Export:
    """Return what is asked for, of everything accepted by now.

    Raises LenticularError for a wrong rule or field, EventsUnavailableError.
    """
    if asked.what in ("events", "organizations") and (asked.rule or asked.fields):
        hint = "They go with people and members."
        raise LenticularError(Problem("export.options", f"{asked.what} have no segment and no fields.", hint=hint))
    if asked.what != "events" and (asked.start is not None or asked.end is not None):
        raise LenticularError(Problem("export.options", f"{asked.what} have no time.", hint="Leave from and to out."))
    if asked.what == "members" and not asked.rule:
        raise LenticularError(Problem("export.segment", "Whose members?", "segment", "Name a segment, or give a rule."))
    if asked.what == "events":
        return await _events(site, asked)
    return await (_organizations(site) if asked.what == "organizations" else _people(site, asked))


async def _events(site: LiveSite, asked: Asked) -> Export:
    await site.settle()
    upto, _ = (await ask(site.stores.events, newest_query()))[0]
    start = _EARLIEST if asked.start is None else asked.start
    of = Stretch(start, _LATEST if asked.end is None else asked.end, upto)
    properties, context = (await ask(site.stores.events, event_keys_query(of)))[0]
    columns: dict[str, tuple[Type, ...]] = {
        "messageId": ("text",),
        "userId": ("text",),
        "anonymousId": ("text",),
        "event": ("text",),
        "timestamp": ("datetime",),
    }
    columns |= _columns(properties, lambda name: named_column("event", name))
    columns |= _columns(context, lambda name: named_column("context", name))
    return Export(columns, _event_pages(site, of))


async def _event_pages(site: LiveSite, of: Stretch) -> AsyncGenerator[list[Row], None]:
    """Yield events in the order of time, a week (a partition of the log) at a time."""
    store = site.stores.events
    merged = await is_merged(store)
    for week, _ in await ask(store, weeks_query(of)):
        part = Stretch(max(of.start, week * WEEK), min(of.end, (week + 1) * WEEK), of.upto)
        after: Spot | None = (part.start - 1, 0)
        while after is not None:
            ends = await ask(store, end_query(part, after, PAGE))
            last: Spot = (ends[0][0], ends[0][1]) if ends else (part.end, of.upto)
            rows = await ask(store, events_query(part, after, last, merged))
            after = last if ends else None
            if rows:
                ids = sorted({row[0] for row in rows})
                names = {each: (user, known) for each, user, known in await ask(store, names_query(ids))}
                yield await asyncio.to_thread(_each, partial(event_row, names=names), rows)


async def _people(site: LiveSite, asked: Asked) -> Export:
    await site.settle()
    who = audience(site, asked.rule or "True")
    shown = shown_fields(asked.fields, who.segments.schema)
    question = await question_of(site, who, asked.at)
    _, newest = (await ask(site.stores.events, newest_query()))[0]
    columns: dict[str, tuple[Type, ...]] = {
        "userId": ("text",),
        "anonymousId": ("text",),
        "anonymousIds": ("list",),
        "firstSeen": ("datetime",),
    }
    columns |= {name: (kind,) for name, (_, kind) in zip(asked.fields, shown, strict=True)}
    whole = asked.what == "people" and not asked.fields
    if whole:
        (keys,) = (await ask(site.stores.events, trait_keys_query(False)))[0]
        columns |= _columns(keys, lambda name: named_column("user", name))

    make = partial(person_row, fields=asked.fields, shown=shown, whole=whole)

    async def pages() -> AsyncGenerator[list[Row], None]:
        after = 0
        while True:
            rows = await ask(site.stores.events, members_query(question, PAGE, after, shown, whole))
            found = [row for row in rows if row[0] <= newest]
            if found:
                yield await asyncio.to_thread(_each, make, found)
            if len(found) < PAGE:
                return
            after = found[-1][0]

    return Export(columns, pages())


async def _organizations(site: LiveSite) -> Export:
    await site.settle()
    (keys,) = (await ask(site.stores.events, trait_keys_query(True)))[0]
    columns: dict[str, tuple[Type, ...]] = {"groupId": ("text",)}
    columns |= _columns(keys, lambda name: "" if name == "id" else named_column("organization", name))

    async def pages() -> AsyncGenerator[list[Row], None]:
        after = ""
        while rows := await ask(site.stores.events, organizations_query(after, PAGE)):
            yield await asyncio.to_thread(_each, organization_row, rows)
            after = rows[-1][0]

    return Export(columns, pages())


def _each(make: Callable[[Any], Row], rows: Iterable[Any]) -> list[Row]:
    return [make(row) for row in politely(rows)]


def _columns(keys: Sequence[str], named: Callable[[str], str]) -> dict[str, tuple[Type, ...]]:
    """Return the columns of stored keys, by name, each with the types that occur in it."""
    found: dict[str, tuple[Type, ...]] = {}
    for name, kind in sorted({_top(key) for key in keys}):
        column = named(name)
        if column:
            found[column] = (*found.get(column, ()), kind)
    return found


def _top(key: str) -> tuple[str, Type]:
    """Return the name and type of a path of a JSON column: of lists of objects, the list's."""
    return split_key(key.partition(".")[0])
