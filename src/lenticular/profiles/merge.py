"""Two profiles become one (DESIGN §6): tallies merge, the last write of a trait wins, impressions add up,
static lists unite, and the stricter consent holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from lenticular.criteria.tally.limits import Limits
from lenticular.profiles import consent, interests, membership, static_list
from lenticular.profiles.event import Event
from lenticular.profiles.profile import Profile, Shown
from lenticular.profiles.session import joined, show_sign_in
from lenticular.profiles.traits import unite

NEWEST = 100
"""So many times of impressions are kept per item."""


class Tallies(Protocol):
    """The plan of all behavioural conditions: changes their states, by the key of each, in place."""

    @property
    def generation(self) -> int:
        """Which plan of the site this is: profiles tell by it when they were counted last."""

    @property
    def began(self) -> Mapping[str, int]:
        """The generation in which the counting of each tally began."""

    @property
    def limits(self) -> Limits | None:
        """When a state moves elsewhere; None: never."""

    def concerned(self, event: str) -> Sequence[str]:
        """Return the keys of the tallies that events of a name may move."""

    def size(self, key: str, state: Any) -> int:
        """Return how many entries a state holds."""

    def step(self, states: dict[str, Any], event: Event) -> Sequence[str]:
        """Count an event; return the keys of the states that may have too many entries by now."""

    def merge(self, into: dict[str, Any], other: dict[str, Any]) -> None:
        """Add another profile's states."""


class NoTallies:
    """A site whose segments ask for no behaviour."""

    generation = 0
    began: Mapping[str, int] = {}
    limits: Limits | None = None

    def concerned(self, event: str) -> Sequence[str]:
        """Return none."""
        return ()

    def size(self, key: str, state: Any) -> int:
        """Return 0."""
        return 0

    def step(self, states: dict[str, Any], event: Event) -> Sequence[str]:
        """Count nothing."""
        return ()

    def merge(self, into: dict[str, Any], other: dict[str, Any]) -> None:
        """Add nothing."""


def merge(survivor: Profile, loser: Profile, tallies: Tallies) -> None:
    """Make `loser` part of `survivor`, in place; `loser` is of no use afterwards."""
    if (loser.first_seen, loser.id) < (survivor.first_seen, survivor.id):
        survivor.bucketing_id = loser.bucketing_id  # the first assignment holds
    survivor.first_seen = min(survivor.first_seen, loser.first_seen)
    survivor.version = max(survivor.version, loser.version) + 1
    survivor.anonymous_ids += [each for each in loser.anonymous_ids if each not in survivor.anonymous_ids]
    if loser.user_id:
        survivor.other_user_ids += [loser.user_id, *loser.other_user_ids]
    survivor.merged += [loser.id, *loser.merged]
    unite(survivor, loser)
    survivor.session = joined(survivor.session, loser.session)
    if loser.last_sign_in is not None:
        survivor.last_sign_in = max(survivor.last_sign_in or loser.last_sign_in, loser.last_sign_in)
    show_sign_in(survivor)
    tallies.merge(survivor.tallies, loser.tallies)
    for item, shown in loser.shown.items():
        add_shown(survivor, item, shown)
    for part in (membership, consent, static_list, interests):
        part.unite(survivor, loser)


def add_shown(profile: Profile, item: str, more: Shown) -> None:
    """Add impressions of an item."""
    shown = profile.shown.get(item)
    if shown is None:
        profile.shown[item] = more
        return
    shown.count += more.count
    shown.times = sorted([*shown.times, *more.times])[-NEWEST:]
