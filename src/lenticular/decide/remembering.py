"""Deciding again what was decided before: what is visible depends on few things, and most visitors share them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable

import msgspec

from lenticular.decide.cap import Moment, kept_back, room
from lenticular.decide.decide import decide
from lenticular.decide.decision import Outcome
from lenticular.decide.group import Group
from lenticular.decide.lists import ReadyCollection, ReadyItem
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot

_MOST = 10_000


class Decider:
    """Decides from one snapshot, as `decide` does, and remembers answers.

    An answer depends on the request, the segments that match, which items a cap keeps back or were seen, what the
    visitor is held out from, what puts lists in order for them, and between which two moments of any schedule now lies.
    What no definition asks for is not looked at, and interests and chance are told coarsely. An explanation depends on
    more, so it is never remembered, and neither is what was decided without knowing all.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        items = list(snapshot.showable())
        self._caps = {one.item.key: one.cap for one in items if one.cap is not None}
        self._groups = _groups(snapshot, items)
        self._hides = [one for one in snapshot.collections.values() if one.hide is not None]
        self._turns = _turns(snapshot, items)
        self._varied = _varied(snapshot)
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
        kept = self._kept(visitor, now)
        taste = None
        if self._varied and (place in self._varied or any(f"slot {slot}" in self._varied for slot in request.slots)):
            taste = self._snapshot.taste_of(visitor, now)
        named = None
        if page is not None and page.named:
            # Only keys that there are: what visitors write into addresses has no end.
            named = tuple(part for part in page.parts(request.page or "").values() if part in self._snapshot.items)
        key = place, named, request.slots, matching, kept, held, taste, bisect_right(self._turns, now)
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

    def _kept(self, visitor: Visitor, now: int) -> Hashable:
        """Return the items that a cap keeps back or that were seen, and how many more of each group may be shown.

        Only what was shown or is reserved can be kept back.
        """
        if not visitor.shown and not visitor.reserved:
            return ()
        moment = Moment(now, visitor.session_start, self._snapshot.calendar)
        shown, reserved = visitor.shown, visitor.reserved
        own = tuple(
            key
            for key in sorted(self._caps.keys() & (shown.keys() | reserved.keys()))
            if kept_back(self._caps[key], shown.get(key), reserved.get(key, ()), moment)
        )
        if not self._groups and not self._hides:
            return own
        groups = [(at, one.seen(shown), one.reserved(reserved)) for at, one in enumerate(self._groups)]
        left = tuple((at, *room(self._groups[at].cap, seen, ends, moment)) for at, seen, ends in groups if seen or ends)
        return own, left, tuple(self._seen(one, visitor, moment) for one in self._hides)

    def _seen(self, collection: ReadyCollection, visitor: Visitor, moment: Moment) -> tuple[str, ...]:
        """Return the items that a collection hides because they were seen."""
        hide = collection.hide
        if hide is None:
            return ()
        return tuple(key for key in sorted(visitor.shown) if kept_back(hide, visitor.shown[key], (), moment))


def _groups(snapshot: Snapshot, items: Iterable[ReadyItem]) -> list[Group]:
    """Return all groups that have a cap: of collections, and of the site where any item is in one."""
    found = {(one.group.of, one.group.key): one.group for one in snapshot.collections.values() if one.group}
    found |= {(group.of, group.key): group for item in items for group in item.groups}
    return list(found.values())


def _varied(snapshot: Snapshot) -> frozenset[str]:
    """Return the pages, by path, and slots (`slot promo`) whose lists are in another order for another visitor."""
    collections = {
        key for key, each in snapshot.collections.items() if any(one.tags or one.by_chance for one in each.lists)
    }
    places = [*snapshot.pages.items(), *((f"slot {key}", one) for key, one in snapshot.slots.items())]
    return frozenset(name for name, place in places if not collections.isdisjoint(place.collections))


def _shares(snapshot: Snapshot) -> list[tuple[str, str, float]]:
    """Return place, experience and share of every experience that has a holdout of its own."""
    places = (*snapshot.pages.values(), *snapshot.slots.values())
    return [(place.path, option.key, option.holdout) for place in places for option in place.options if option.holdout]


def _turns(snapshot: Snapshot, items: Iterable[ReadyItem]) -> list[int]:
    """Return the moments (ms) at which any schedule begins or ends, in order."""
    moments: set[int | None] = set()
    for place in (*snapshot.pages.values(), *snapshot.slots.values()):
        for option in place.options:
            moments |= {option.start, option.end}
    moments.update(moment for item in items for moment in (item.start, item.end))
    moments.update(phase.since for item in items for phase in item.phases)
    return sorted(moment for moment in moments if moment is not None)
