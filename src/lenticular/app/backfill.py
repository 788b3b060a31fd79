"""Backfill: what happened before a tally was counted is added from the log, while everything goes on (ADR 0009).

A tally is counted in every profile from a position of the journal on. Its history up to there is read in the order in
which the log has it, and added piece by piece, between two commits of the folding, to whoever the profiles of then are
by now: adding needs no order, so neither merges nor new events get in its way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any

import msgspec

from lenticular.app.collect import Collector
from lenticular.app.flush import Flusher
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.sql import Query
from lenticular.criteria.sql_history import Logged, any_merged_query, history_query, logged
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.criteria.types import Schema
from lenticular.errors import LenticularError
from lenticular.ports import Clock, Counted, Events, ProfileStore
from lenticular.profiles.fold import Fold, Prepared

PAGE = 10_000
"""Events that are read from the log at once."""
PIECE = 500
"""Events that are added in one commit."""
_BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0)
_log = logging.getLogger(__name__)


class Backfill:
    """The histories that are being added to the profiles of one site.

    `check` raises LenticularError while the log can't be believed. `plan` is what profiles are counted by,
    `preparing` are the tallies that are not complete, by key. `trouble` says why it does not go on, "" if it does.
    """

    def __init__(
        self,
        profiles: ProfileStore,
        events: Events,
        collector: Collector,
        flusher: Flusher,
        zone: Calendar,
        clock: Clock,
    ) -> None:
        self._profiles, self._events = profiles, events
        self.check: Callable[[], Awaitable[None]] = _believed
        self._collector, self._flusher = collector, flusher
        self._zone, self._clock = zone, clock
        self._wanted, self._complete = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.plan = TallyPlan((), Schema(), zone)
        self.preparing: dict[str, Counted] = {}
        self.trouble = ""

    def open(self, plan: TallyPlan) -> None:
        """Begin, or go on where the last process was stopped."""
        self.follow(plan)
        self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        """Stop; what is added so far stays."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def follow(self, plan: TallyPlan) -> None:
        """Prepare the tallies of another plan, by which the collector counts from now on. Raises StoreError."""
        self.plan = plan
        self._look()

    def _look(self) -> None:
        _, counted = self._profiles.counted()
        self.preparing = {one.key: one for one in counted if not one.complete}
        (self._wanted if self.preparing else self._complete).set()
        (self._complete if self.preparing else self._wanted).clear()

    async def complete(self) -> None:
        """Return when every tally is."""
        await self._complete.wait()

    def progress(self, keys: Iterable[str]) -> float:
        """Return which share of the histories of some tallies has been added: 0 … 1."""
        shares = [_share(self.preparing[key]) if key in self.preparing else 1.0 for key in keys]
        return sum(shares) / len(shares) if shares else 1.0

    async def _work(self) -> None:
        tries = 0
        while True:
            await self._wanted.wait()
            try:
                await self._add_page(min(self.preparing.values(), key=lambda one: one.generation))
                tries, self.trouble = 0, ""
                continue
            except LenticularError as error:
                if not tries:
                    _log.warning("New behaviours wait for the events store: %s.", error.codes)
                self.trouble = str(error)
            except Exception:
                # A defect of ours: it is tried again, and said, and whoever asks meanwhile is answered from the log.
                _log.exception("New behaviours can't be counted; trying again.")
                self.trouble = "New behaviours can't be counted; the server's log says why."
            await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])
            tries += 1

    async def _add_page(self, one: Counted) -> None:
        """Add a page of the history of the tallies that began together with this one."""
        await self._flusher.drain(upto=one.position)
        await self.check()
        names = self.plan.only(self._together(one.generation)).events
        rows = await ask(self._events, history_query(names, one.position, one.upto, PAGE))
        for at in range(0, len(rows), PIECE):
            piece = rows[at : at + PIECE]
            seq, profile_id = piece[-1][:2]
            await self._add(Prepared(one.generation, (profile_id, seq)), piece)
        if len(rows) < PAGE:
            await self._add(Prepared(one.generation, (one.last_id + 1, 0)), ())

    async def _add(self, how_far: Prepared, piece: Sequence[tuple[Any, ...]]) -> None:
        await self._collector.between(lambda: self._fold(how_far, piece))
        self._look()

    def _fold(self, how_far: Prepared, piece: Sequence[tuple[Any, ...]]) -> None:
        """Add a piece of history and note how far that is, in one transaction."""
        keys = self._together(how_far.generation)
        plan, now = self.plan, self._clock()
        history = [logged(row, now) for row in piece]
        owners = self._profiles.survivors({event.profile_id for event in history})
        fold = Fold(self._profiles, self._zone, {}, plan)
        counting = plan.only(keys)
        for profile_id, events in groupby(history, key=lambda event: event.profile_id):
            states: dict[str, Any] = {}
            for event in events:
                counting.step(states, event)
            if states:
                fold.add(owners.get(profile_id, profile_id), states)
        result = fold.result(self._profiles.folded())
        self._profiles.commit(msgspec.structs.replace(result, prepared=how_far))

    def _together(self, generation: int) -> list[str]:
        """The tallies of a generation; a publish may have dropped some of them meanwhile, or all."""
        return [one.key for one in self._profiles.counted()[1] if one.generation == generation]


async def _believed() -> None:
    """Find nothing wrong with the log."""


def _share(one: Counted) -> float:
    return min(max(one.upto[0] - 1, 0) / one.last_id, 1.0) if one.last_id else 1.0


def is_before(one: Counted, event: Logged) -> bool:
    """Return whether an event belongs to the history of a tally that is not added yet."""
    return event.seq <= one.position and (event.profile_id, event.seq) > one.upto


def has_before(one: Counted, profile_ids: Iterable[int]) -> bool:
    """Return whether history of any of these profiles may not be added yet."""
    return any(one.upto[0] <= each <= one.last_id for each in profile_ids)


async def is_merged(events: Events) -> bool:
    """Return whether any profile of the site was ever joined to another. Raises EventsUnavailableError."""
    return bool(await ask(events, any_merged_query()))


async def ask(events: Events, query: Query) -> list[tuple[Any, ...]]:
    """Return the rows of a query. Raises EventsUnavailableError."""
    return await events.query(query.sql, query.parameters)
