"""What should this visitor see here?"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any

import msgspec

from lenticular.decide.arrangement import Arrangement
from lenticular.decide.decision import (
    Decision,
    HeldOut,
    Item,
    Outcome,
    PageBlock,
    PageDecision,
    SlotBlock,
    SlotDecision,
)
from lenticular.decide.explain import explain_place
from lenticular.decide.explanation import Explanation, PlaceExplained
from lenticular.decide.faces import face
from lenticular.decide.picker import Picked, Picker, UnknownError
from lenticular.decide.place import Option, Place
from lenticular.decide.reason import Reason
from lenticular.decide.request import Request, Visitor
from lenticular.decide.snapshot import Snapshot
from lenticular.errors import Problem, did_you_mean


def decide(
    snapshot: Snapshot,
    request: Request,
    matching: Set[str],
    visitor: Visitor,
    now: int,
    decision_id: str,
) -> Outcome:
    """Return what a visitor sees, with a reason for each part.

    `matching` are the segments that the visitor is in, at least of those that `snapshot.needs` names. The page is
    decided first, its blocks and the slots that it shows in their order, then the other slots in the order of the
    request: an item is shown once in all of them.
    """
    return _Deciding(snapshot, request, matching, visitor, now).outcome(decision_id)


class _Deciding:
    """One decision while it is being made."""

    def __init__(self, snapshot: Snapshot, request: Request, matching: Set[str], visitor: Visitor, now: int) -> None:
        self._snapshot = snapshot
        self._request = request
        self._matching = matching
        self._visitor = visitor
        self._now = now
        self._picker = Picker(snapshot, matching, visitor, now, request.explain)
        self._problems: list[Problem] = []
        self._faces: dict[str, Any] = {}
        self._explained: dict[str, PlaceExplained] = {}
        self._slots: dict[str, SlotDecision] = {}

    def outcome(self, decision_id: str) -> Outcome:
        page = self._page(self._request.page) if self._request.page is not None else None
        page_explained = self._explained.pop("", None)
        for key in dict.fromkeys(self._request.slots):
            self._decide_slot(key)
        slots = self._slots
        needed = self._snapshot.needs(self._request.page, slots)
        decision = Decision(
            id=decision_id,
            page=page,
            slots=slots,
            segments=sorted(needed & self._matching),
            cache_key=face(self._faces),
            cache="private" if self._picker.private else "shared",
            problems=self._problems or msgspec.UNSET,
            explain=Explanation(page_explained, self._explained) if self._request.explain else msgspec.UNSET,
        )
        answered = page is not None or bool(slots) or not self._problems
        return Outcome(decision, tuple(self._picker.reserve), answered, tuple(self._picker.failures))

    def _page(self, path: str) -> PageDecision | None:
        place = self._snapshot.page(path)
        if place is not None and place.named:
            self._picker.parts = place.parts(path)
        if place is None or not all(map(self._picker.is_there, place.named)):
            self._problems.append(_unknown("page", path, self._snapshot.pages))
            return None
        winner, arrangement, reason = self._choose(place)
        blocks: list[PageBlock] = []
        faces: list[Any] = [place.path]
        for ready in arrangement.blocks:
            block = ready.shown
            if ready.slot is not None and ready.slot in self._snapshot.slots:
                self._decide_slot(ready.slot)
            if block.collection is None:
                faces.append(ready.face)
            else:
                picked = self._picker.pick(block.id, block.collection)
                faces.append([ready.face, *(item.seen(self._now)[1] for item in picked.items)])
                block = _filled(block, picked, self._now)
            blocks.append(block)
        self._faces["page"] = faces
        self._explain("", place, winner, reason)
        return PageDecision(
            path=place.path,
            experience=winner.key if winner and arrangement is winner.arrangement else None,
            variant=None,
            reason=reason,
            segment=winner.segment if winner and arrangement is winner.arrangement else None,
            blocks=tuple(blocks),
            held_out=_held_out(winner, reason, None),
        )

    def _decide_slot(self, key: str) -> None:
        """Decide a slot, once in an answer."""
        if key in self._slots:
            return
        notes, self._picker.notes = self._picker.notes, []
        slot = self._slot(key)
        self._picker.notes = notes
        if slot is not None:
            self._slots[key] = slot

    def _slot(self, key: str) -> SlotDecision | None:
        place = self._snapshot.slots.get(key)
        if place is None:
            self._problems.append(_unknown("slot", key, self._snapshot.slots))
            return None
        winner, arrangement, reason = self._choose(place)
        block: SlotBlock | None = None
        collection: str | None = None
        picked = Picked((), None, "STATIC")
        faces: list[str] = []
        for ready in arrangement.blocks:
            shown = ready.shown
            block, collection = SlotBlock(shown.id, shown.kind, shown.settings), shown.collection
            if collection is not None:
                picked = self._picker.pick(key, collection)
            faces = [ready.face, *(item.seen(self._now)[1] for item in picked.items)]
        self._faces[f"slot {key}"] = faces
        self._explain(key, place, winner, reason)
        return SlotDecision(
            experience=winner.key if winner and arrangement is winner.arrangement else None,
            segment=winner.segment if winner and arrangement is winner.arrangement else None,
            block=block,
            collection=collection,
            variation=picked.variation,
            items=_items(picked, self._now),
            reason=_joined(reason, picked.reason),
            held_out=_held_out(winner, reason, picked.held_back),
        )

    def _choose(self, place: Place) -> tuple[Option | None, Arrangement, Reason]:
        """Return the first experience that is on and matches, what is shown, and why."""
        for option in place.options:
            if option.start is not None and self._now < option.start:
                continue
            if option.end is not None and option.end <= self._now:
                continue
            try:
                matches = self._picker.ask(option.segment)
            except UnknownError:
                return None, place.default, "ERROR"
            if matches:
                if self._held_out(place, option):
                    return option, place.default, "HOLDOUT"
                if option.arrangement.problem:
                    return option, place.default, "ERROR"
                return option, option.arrangement, "TARGETING_MATCH"
        if place.default.problem:
            return None, place.default, "ERROR"
        return None, place.default, "DEFAULT" if place.options else "STATIC"

    def _held_out(self, place: Place, option: Option) -> bool:
        """Return whether the visitor sees the default although an experience is for them."""
        site, visitor = self._snapshot.holdout, self._visitor.bucketing_id
        own = site.holds_from(place.path, option.key, option.holdout, visitor, self._matching)
        return self._picker.holds_back(option.segment, self._picker.held_out or own)

    def _explain(self, key: str, place: Place, winner: Option | None, reason: Reason) -> None:
        notes, self._picker.notes = self._picker.notes, []
        if self._request.explain:
            self._explained[key] = explain_place(
                place, winner, reason == "HOLDOUT", self._now, self._snapshot.calendar, notes
            )


def _held_out(winner: Option | None, reason: Reason, variation: str | None) -> HeldOut | msgspec.UnsetType:
    held = HeldOut() if variation is None else HeldOut(variation=variation)
    if winner is not None and reason == "HOLDOUT":
        return msgspec.structs.replace(held, experience=winner.key, segment=winner.segment)
    return held if variation is not None else msgspec.UNSET


def _filled(block: PageBlock, picked: Picked, now: int) -> PageBlock:
    return PageBlock(
        id=block.id,
        kind=block.kind,
        settings=block.settings,
        parent=block.parent,
        items=_items(picked, now),
        collection=block.collection,
        variation=picked.variation,
        reason=picked.reason,
        held_out=_held_out(None, picked.reason, picked.held_back),
    )


def _items(picked: Picked, now: int) -> tuple[Item, ...]:
    return tuple(ready.seen(now)[0] for ready in picked.items)


def _joined(experience: Reason, items: Reason) -> Reason:
    """Return the one reason of a slot from its experience's and its items' reasons: the first that applies."""
    order: tuple[Reason, ...] = ("ERROR", "HOLDOUT", "CAPPED", "TARGETING_MATCH", "DEFAULT")
    return next((reason for reason in order if reason in (experience, items)), "STATIC")


def _unknown(what: str, name: str, known: Iterable[str]) -> Problem:
    names = sorted(known)
    some = f"Known: {', '.join(names[:8])}{' …' if len(names) > 8 else ''}." if names else f"There is no {what} yet."
    hint = did_you_mean(name, names) or some
    return Problem(
        f"decide.unknown-{what}",
        f'There is no {what} "{name}".',
        f"{what}s" if what == "slot" else what,
        hint,
    )
