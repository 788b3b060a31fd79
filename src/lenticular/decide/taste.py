"""What makes the order of a list another one for another visitor: what they are interested in, and chance.

Both are told coarsely, so that many visitors share an order, and what was decided for one is remembered for the other.
"""

from __future__ import annotations

from collections.abc import Set

import msgspec

from lenticular.criteria.interests import Views, weight
from lenticular.ids import hash64

LEVELS = 8
"""An interest counts in eighths of the strongest."""
MOST = 8
"""So many interests count: the strongest of those that any tag is about."""
LOTS = 256
"""So many different orders by chance there are on one day."""


class Taste(msgspec.Struct, frozen=True):
    """By what lists are put in order: `interests` are topics with their level (1 … LEVELS), `lot` a number of `day`."""

    interests: tuple[tuple[str, int], ...] = ()
    day: int = 0
    lot: int = 0


def interests_of(views: Views, tags: Set[str], today: int) -> tuple[tuple[str, int], ...]:
    """Return the strongest interests of somebody among some tags, by name, each with its level.

    Weights are set against the strongest one: all halve alike as time passes, so levels change only by what is viewed.
    """
    weights = ((weight(views, topic, today), topic) for topic in (tags if len(tags) < len(views) else views))
    found = sorted((-one, topic) for one, topic in weights if one > 0 and topic in tags)[:MOST]
    levels = ((topic, round(LEVELS * one / found[0][0])) for one, topic in found)
    return tuple(sorted((topic, level) for topic, level in levels if level))


def lot_of(site: str, bucketing_id: str, day: int) -> int:
    """Return the lot that a visitor draws on a day: another one on another day."""
    return hash64(f"random {site} {day}\0{bucketing_id}") % LOTS


def chance_of(taste: Taste, key: str) -> int:
    """Return by what an item is put in order by chance: 64 bits."""
    return hash64(f"{taste.day} {taste.lot}\0{key}")
