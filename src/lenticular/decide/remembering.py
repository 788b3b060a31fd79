"""Deciding again what was decided before: what is visible depends on few things, and most visitors share them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable

import msgspec

from lenticular.decide.cap import Cap, Moment, kept_back
from lenticular.decide.decide import decide
from lenticular.decide.decision import Outcome
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot

_MOST = 10_000


class Decider:
    """Decides from one snapshot, as `decide` does, and remembers answers.

    An answer depends on the request, the segments that match, which items a cap keeps back, what the visitor is held
    out from, and between which two moments of any schedule now lies. An explanation depends on more, so it is never
    remembered, and neither is what was decided without knowing all.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._caps = _caps(snapshot)
        self._turns = _turns(snapshot)
        self._shares = _shares(snapshot)
        self._answers: dict[Hashable, Outcome] = {}

    def decide(
        self, request: Request, matching: frozenset[str], visitor: Visitor, now: int, decision_id: str
    ) -> Outcome:
        """Return what a visitor sees; see `decide.decide`."""
        if request.explain or visitor.unknown:
            return decide(self._snapshot, request, matching, visitor, now, decision_id)
        page = self._snapshot.page(request.page) if request.page is not None else None
        held = self._held(visitor.bucketing_id, matching)
        place = page and page.path  # of which a pattern has many paths
        key = place, request.slots, matching, self._kept(visitor, now), held, bisect_right(self._turns, now)
        outcome = self._answers.get(key)
        if outcome is None:
            outcome = decide(self._snapshot, request, matching, visitor, now, decision_id)
            if outcome.answered and not outcome.failures and not outcome.decision.problems:
                if len(self._answers) >= _MOST:
                    self._answers.clear()
                self._answers[key] = outcome
            return outcome
        decision = msgspec.structs.replace(outcome.decision, id=decision_id)
        return Outcome(decision, outcome.reserve)

    def _held(self, bucketing_id: str, matching: frozenset[str]) -> Hashable:
        """Return from what a visitor is held out; None for one of whom no lots are drawn."""
        if not bucketing_id:
            return None
        site = self._snapshot.holdout
        own = tuple(site.holds_from(*share, bucketing_id, matching) for share in self._shares)
        return site.holds(bucketing_id, matching), own

    def _kept(self, visitor: Visitor, now: int) -> tuple[str, ...]:
        """Return the items that a cap keeps back; only one that was shown or is reserved can be."""
        if not visitor.shown and not visitor.reserved:
            return ()
        moment = Moment(now, visitor.session_start, self._snapshot.calendar)
        shown, reserved = visitor.shown, visitor.reserved
        return tuple(
            key
            for key in sorted(self._caps.keys() & (shown.keys() | reserved.keys()))
            if kept_back(self._caps[key], shown.get(key), reserved.get(key, ()), moment)
        )


def _caps(snapshot: Snapshot) -> dict[str, Cap]:
    """Return the caps of all items that may be shown."""
    items = (item for collection in snapshot.collections.values() for one in collection.lists for item in one.items)
    return {item.item.key: item.cap for item in items if item.cap is not None}


def _shares(snapshot: Snapshot) -> list[tuple[str, str, float]]:
    """Return place, experience and share of every experience that has a holdout of its own."""
    places = (*snapshot.pages.values(), *snapshot.slots.values())
    return [(place.path, option.key, option.holdout) for place in places for option in place.options if option.holdout]


def _turns(snapshot: Snapshot) -> list[int]:
    """Return the moments (ms) at which any schedule begins or ends, in order."""
    moments: set[int | None] = set()
    for place in (*snapshot.pages.values(), *snapshot.slots.values()):
        for option in place.options:
            moments |= {option.start, option.end}
    for collection in snapshot.collections.values():
        for one in collection.lists:
            moments.update(moment for item in one.items for moment in (item.start, item.end))
    return sorted(moment for moment in moments if moment is not None)
