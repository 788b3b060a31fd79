"""Backfill: the tallies of new behaviours, built from the log."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from itertools import groupby
from typing import Any

from lenticular.criteria.sql import Query
from lenticular.criteria.sql_history import Logged, any_merged_query, history_query, logged
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.ports import Events, ProfileStore

_PAGE = 100_000


async def backfill(profiles: ProfileStore, events: Events, plan: TallyPlan, keys: Collection[str], now: int) -> None:
    """Replace the given tallies of everyone by what the log says at `now` (ms).

    Nothing may be folded meanwhile, and everything folded must be in the events store. Raises
    EventsUnavailableError.
    """
    names = sorted({name for key in keys for name in plan.tallies[key].events})
    if not names:
        return
    async for page in _pages(events, names, now):
        changed = []
        for profile_id, history in groupby(page, key=lambda event: event.profile_id):
            profile = profiles.get(profile_id)
            if profile is not None:
                states: dict[str, Any] = {}
                for event in history:
                    plan.step(states, event)
                kept = {key: state for key, state in profile.tallies.items() if key not in keys}
                profile.tallies = {**kept, **{key: state for key, state in states.items() if key in keys}}
                changed.append(profile)
        profiles.rewrite(changed)


async def is_merged(events: Events) -> bool:
    """Return whether any profile of the site was ever joined to another. Raises EventsUnavailableError."""
    return bool(await ask(events, any_merged_query()))


async def ask(events: Events, query: Query) -> list[tuple[Any, ...]]:
    """Return the rows of a query. Raises EventsUnavailableError."""
    return await events.query(query.sql, query.parameters)


async def _pages(events: Events, names: list[str], now: int) -> AsyncIterator[list[Logged]]:
    """Yield the log in pages that hold people as a whole."""
    merged = await is_merged(events)
    after, carried = (0, 0), list[Logged]()
    while True:
        rows = await ask(events, history_query(names, 2**62, after, _PAGE, merged))
        found = [*carried, *(logged(row, now) for row in rows)]
        if len(rows) < _PAGE:
            yield found
            return
        after = found[-1].profile_id, found[-1].seq
        carried = [event for event in found if event.profile_id == after[0]]
        yield found[: len(found) - len(carried)]
