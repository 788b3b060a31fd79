"""Import: rows of a file become events, each counted once however often the file is imported."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec

from lenticular.app.backfill import ask
from lenticular.app.columns import Columns, Source, row_event
from lenticular.app.site import LiveSite
from lenticular.criteria.sql_history import known_ids_query, received_before_query
from lenticular.criteria.tables import Type
from lenticular.errors import Problem
from lenticular.profiles.event import Event
from lenticular.profiles.fold import register

_MOST_REFUSALS = 100
_REMEMBERED = 29 * 86_400_000
"""Younger messages (ms since arrival) the profiles remember by themselves."""


class Refused(msgspec.Struct, frozen=True):
    """A row that was not taken, and why."""

    line: int
    reason: str


class Report(msgspec.Struct, rename="camel"):
    """What became of the rows; of the refused ones the first hundred are named, all are counted by reason."""

    accepted: int = 0
    duplicate: int = 0
    refused: int = 0
    reasons: dict[str, int] = {}
    examples: list[Refused] = []

    def refuse(self, line: int, problem: Problem) -> None:
        """Note a refused row."""
        self.refused += 1
        self.reasons[problem.message] = self.reasons.get(problem.message, 0) + 1
        if len(self.examples) < _MOST_REFUSALS:
            where = f" ({problem.place})" if problem.place and not problem.place.startswith("line") else ""
            self.examples.append(Refused(line, f"{problem.message}{where} {problem.hint}".strip()))

    def add(self, other: Report) -> None:
        """Add the report of another part of the same file."""
        self.accepted += other.accepted
        self.duplicate += other.duplicate
        self.refused += other.refused
        self.reasons = dict(Counter(self.reasons) + Counter(other.reasons))
        self.examples = [*self.examples, *other.examples][:_MOST_REFUSALS]


class Rows(msgspec.Struct, frozen=True):
    """A part of a file: its name, what its columns mean, the types guessed for it, and (line, cells)."""

    name: str
    columns: Columns
    guessed: dict[str, Type]
    rows: list[tuple[int, dict[str, Any]]]


async def import_rows(site: LiveSite, part: Rows) -> Report:
    """Accept the rows of a part of a file, oldest first within it. Raises StoreError."""
    for column, kind in part.guessed.items():
        site.types.setdefault((part.columns.scope(column), column), kind)
    source = Source(part.name, part.columns, site.clock(), site.types)
    report = Report()
    events: dict[int, Event] = {}
    for line, cells in part.rows:
        event = row_event(line, cells, source)
        if isinstance(event, Problem):
            report.refuse(line, event)
            continue
        register(event, site.collector.types)
        mark = site.stores.profiles.mark(event.message_id)
        if mark in events:
            report.duplicate += 1
        events.setdefault(mark, event)
    await site.collector.drain()
    seen = site.stores.profiles.has_seen(events) | await _in_log(site, events)
    fresh = sorted((event for mark, event in events.items() if mark not in seen), key=lambda event: event.time)
    site.stores.profiles.register({key: kind for key, kind in site.types.items() if key[0] in ("user", "event")})
    await site.accept(fresh)
    report.accepted = len(fresh)
    report.duplicate += len(events) - len(fresh)
    return report


async def _in_log(site: LiveSite, events: dict[int, Event]) -> set[int]:
    """Return which events the log has from before the time that the profiles remember message ids for."""
    if not events:
        return set()
    await site.flusher.drain()  # what still waits for the log may be older than what the profiles remember
    forgotten = site.clock() - _REMEMBERED
    if not await ask(site.stores.events, received_before_query(forgotten)):
        return set()
    times = [event.time for event in events.values()]
    ids = [event.message_id for event in events.values()]
    rows = await ask(site.stores.events, known_ids_query(ids, min(times), max(times)))
    return {site.stores.profiles.mark(message_id) for (message_id,) in rows}
