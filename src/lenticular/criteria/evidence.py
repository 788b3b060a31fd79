"""The events that a behaviour counted: what an explanation shows beside the value."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lenticular.criteria.tally.kept import Kept
from lenticular.criteria.tally.occurrence import Occurrence
from lenticular.criteria.tally.tally import Tally
from lenticular.criteria.values import Look
from lenticular.criteria.window import bounds

MOST_SHOWN = 10


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event that counted: its name and when (ms)."""

    event: str
    time: int


class Counted(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many events counted in all, and the newest ten of them, the newest first."""

    total: int = 0
    newest: tuple[Evidence, ...] = ()


def counted(found: Kept, tally: Tally, look: Look, history: Sequence[Occurrence]) -> Counted:
    """Return the events of someone's history that a behaviour counts at the moment of the look."""
    first, end = bounds(found.behaviour.window, look.now, look.calendar, look.session_start)
    events = [
        Evidence(event.name, event.time)
        for event in history
        if event.name in tally.events and first <= event.time < end and tally.take(event) is not None
    ]
    events.sort(key=lambda one: one.time, reverse=True)
    return Counted(len(events), tuple(events[:MOST_SHOWN]))
