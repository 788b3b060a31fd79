"""What only the log can tell of someone: tallies that have outgrown their profile, and those still being prepared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from lenticular.app.backfill import ask, has_before, is_before
from lenticular.app.site import LiveSite
from lenticular.criteria.sql_history import Logged, logged, people_query
from lenticular.errors import EventsUnavailableError, Problem
from lenticular.profiles.away import LOG
from lenticular.profiles.profile import Profile

PATIENCE = 2.0
"""Seconds that a decision waits for the log."""
MOST = 16
"""So many decisions wait for the log of a site at once; what comes on top does without."""


class Past(msgspec.Struct, frozen=True):
    """Events out of the log: all of some profiles that some tallies may count."""

    profile_ids: frozenset[int]
    keys: frozenset[str]
    events: list[Logged]


def lacking(site: LiveSite, profile: Profile | None, segments: Iterable[str]) -> frozenset[str]:
    """Return the keys of the tallies that some segments need and the profile does not have."""
    preparing = site.backfill.preparing
    if profile is None or not (profile.away or preparing):
        return frozenset()
    ids = _ids(profile)
    return frozenset(
        key
        for key in site.engine.behaviours_of(segments)
        if profile.away.get(key) == LOG or (key in preparing and has_before(preparing[key], ids))
    )


async def past_of(site: LiveSite, profile: Profile, keys: frozenset[str]) -> Past:
    """Ask the log for what a profile lacks, as of everything accepted. Raises EventsUnavailableError."""
    if site.asking >= MOST:
        raise EventsUnavailableError(Problem("past.busy", "Too many decisions wait for the log."))
    site.asking += 1
    try:
        async with asyncio.timeout(PATIENCE):
            ids, names = _ids(profile), site.backfill.plan.only(keys).events
            await _sent(site, profile, keys)
            now = site.clock()
            rows = await ask(site.stores.events, people_query(sorted(ids), names, now, merged=False))
            return Past(ids, keys, [logged(row, now) for row in rows])
    except TimeoutError:
        raise EventsUnavailableError(Problem("past.late", "The log does not answer in time.")) from None
    finally:
        site.asking -= 1


def complete(site: LiveSite, profile: Profile, keys: frozenset[str], past: Past) -> bool:
    """Give a profile the states that it lacks; False if the past is not that of the profile any more.

    The profile must be as of a moment at which no commit is under way, so that what was added to it is known.
    """
    if not (keys <= past.keys and _ids(profile) <= past.profile_ids):
        return False
    plan, preparing = site.backfill.plan, site.backfill.preparing
    for key in keys:
        tally = plan.tallies[key]
        given_up = profile.away.get(key) == LOG
        states: dict[str, Any] = {}
        counting = plan.only([key])
        for event in past.events:
            if given_up or is_before(preparing[key], event):
                counting.step(states, event)
        state = states.get(key)
        profile.tallies[key] = state if given_up else tally.merge(profile.tallies.get(key), state)
    return True


async def _sent(site: LiveSite, profile: Profile, keys: frozenset[str]) -> None:
    """Wait until the log has what it is asked for: everything, or what lies before a tally's beginning."""
    if any(profile.away.get(key) == LOG for key in keys):
        await site.settle()
    else:
        await site.flusher.drain(upto=max(site.backfill.preparing[key].position for key in keys))


def _ids(profile: Profile) -> frozenset[int]:
    return frozenset((profile.id, *profile.merged))
