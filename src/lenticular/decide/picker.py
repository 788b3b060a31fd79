"""Which items of a collection a visitor gets: the right list, without what is not due, capped or there already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import msgspec

from lenticular.decide.cap import Moment
from lenticular.decide.guard import Guard
from lenticular.decide.lists import ReadyCollection, ReadyItem, ReadyList
from lenticular.decide.notes import Notes
from lenticular.decide.reason import Reason
from lenticular.decide.request import Visitor
from lenticular.decide.snapshot import Snapshot
from lenticular.decide.taste import Taste

_MOST_LEFT = 100
"""So many of the items behind a limit does an explanation name."""


class UnknownError(Exception):
    """Nobody can say now whether the visitor is in a segment that the answer depends on."""


class Picked(msgspec.Struct, frozen=True):
    """The items of one block, the segment whose list gave the first of them (None: the default list), and why.

    `held_back` is the segment whose list would have, but for a holdout.
    """

    items: tuple[ReadyItem, ...]
    variation: str | None
    reason: Reason
    held_back: str | None = None


class Picker:
    """Picks the items of one decision, block after block; no item twice.

    `parts` are those of the page's path by name. `reserve` are the items with a cap that were picked, `private` whether
    a cap, a holdout or a private segment mattered, `held_out` whether the visitor always sees the default, `failures`
    the errors that were caught, `notes` what an explanation tells.
    """

    def __init__(self, snapshot: Snapshot, matching: Set[str], visitor: Visitor, now: int, explain: bool) -> None:
        self._snapshot = snapshot
        self._explain = explain
        self._matching = matching
        self._visitor = visitor
        self._moment = Moment(now, visitor.session_start, snapshot.calendar)
        self._taken: set[str] = set()
        self._guard = Guard(visitor, self._moment)
        self._taste: Taste | None = None
        self._order_held = False
        self.parts: Mapping[str, str] = {}
        self.held_out = snapshot.holdout.holds(visitor.bucketing_id, matching)
        self.reserve: list[str] = []
        self.private = False
        self.failures: list[Exception] = []
        self.notes: list[Notes] = []

    def ask(self, segment: str | None) -> bool:
        """Return whether the visitor is in a segment (None: anyone), and remember that the answer depends on it.

        Raises UnknownError.
        """
        if segment is None:
            return True
        self.private = self.private or self._snapshot.is_private(segment)
        if segment in self._visitor.unknown:
            raise UnknownError(segment)
        return segment in self._matching

    def pick(self, block: str, key: str) -> Picked:
        """Return the items of a block's collection; with the reason ERROR none if that fails, those of the default list
        if it can't be said whether a variation is for the visitor.
        """
        notes = Notes(block, key, self._moment)
        self.notes.append(notes)
        collection = self._snapshot.collections.get(key)
        if collection is None:
            return Picked((), None, "ERROR")
        notes.merge = collection.merge
        try:
            try:
                return self._pick(collection, notes)
            except UnknownError:
                default = msgspec.structs.replace(collection, lists=collection.lists[-1:])
                return msgspec.structs.replace(self._pick(default, notes), reason="ERROR")
        except Exception as error:  # one bad value must not take the page away; the caller logs it
            self.failures.append(error)
            return Picked((), None, "ERROR")

    def is_there(self, key: str) -> bool:
        """Return whether the item of a collection that the page's path names is there, and on now."""
        collection = self._snapshot.collections[key]
        ready, now = collection.named(self.parts), self._moment.now
        begun = ready is not None and (ready.start is None or ready.start <= now)
        return ready is not None and begun and (ready.end is None or now < ready.end)

    def _pick(self, collection: ReadyCollection, notes: Notes) -> Picked:
        chosen: dict[str, ReadyItem] = {}
        variation: str | None = None
        held_back: str | None = None
        self._order_held = False
        for one in collection.lists:
            if chosen and (not collection.merge or self._full(collection, chosen)):
                if not self._explain:
                    break
                notes.list(one.segment, "not_reached")
            elif not self.ask(one.segment):
                notes.list(one.segment, "no_match")
            elif one.segment is not None and self.holds_back(one.segment, self.held_out):
                # Only what would have been shown is held back; an empty list falls through for everyone.
                if self._take(one, collection, dict(chosen), notes.aside()):
                    held_back = held_back or one.segment
                notes.list(one.segment, "held_out")
            elif self._take(one, collection, chosen, notes):
                notes.list(one.segment, "used")
                variation = variation or one.segment
            else:
                notes.list(one.segment, "empty")
        self._taken |= chosen.keys()
        watched = collection.group is not None or collection.hide is not None
        self.reserve += [key for key, ready in chosen.items() if watched or ready.cap or ready.groups]
        self.private = self.private or self._guard.asked
        held = held_back is not None or self._order_held
        reason = "HOLDOUT" if held else _reason(collection, chosen, variation, notes)
        return Picked(tuple(chosen.values()), variation, reason, held_back)

    def holds_back(self, segment: str | None, held: bool) -> bool:
        """Return whether something is held back from a visitor who is `held` out; the answer depends on that then."""
        self.private = self.private or (bool(self._visitor.bucketing_id) and self._snapshot.holdout.share > 0)
        return held

    def _full(self, collection: ReadyCollection, chosen: dict[str, ReadyItem]) -> bool:
        return collection.limit is not None and len(chosen) >= collection.limit

    def _take(self, one: ReadyList, collection: ReadyCollection, chosen: dict[str, ReadyItem], notes: Notes) -> bool:
        """Add to `chosen` the items of a list that may be shown; return whether there was any."""
        before, over, closed = len(chosen), 0, list[Set[str]]()
        for key in one.unknown:
            notes.leave(key, "unknown")
        for ready in self._in_order(one, collection):
            if self._full(collection, chosen):
                if not self._explain or over >= _MOST_LEFT:
                    break
                over += 1
                notes.leave(ready.item.key, "limit")
            elif closed and not ready.replaced and any(ready.item.key in members for members in closed):
                continue
            elif self._is_due(ready, chosen, notes):
                free = self._free(ready, collection, chosen, notes, closed)
                if free is not None:
                    chosen[free.item.key] = free
        return len(chosen) > before

    def _in_order(self, one: ReadyList, collection: ReadyCollection) -> Iterable[ReadyItem]:
        """Return what a list may show, best first; of a collection with a parameter only what the path names."""
        if collection.parameter is not None:
            key = self.parts.get(collection.parameter)
            return (ready for ready in one.everything() if ready.item.key == key)
        return one.items if one.found is None else one.ordered(self._taste_for(one))

    def _taste_for(self, one: ReadyList) -> Taste:
        """Return by what a list is put in order for this visitor. Interests are nothing to whom is held out."""
        if self._taste is None:
            self._taste = self._snapshot.taste_of(self._visitor, self._moment.now)
        taste = self._taste
        if one.tags:
            self.private = True
            if self.held_out and any(topic in one.tags for topic, _ in taste.interests):
                self._order_held = True
                taste = Taste((), taste.day, taste.lot)
        if one.by_chance and self._visitor.bucketing_id:
            self.private = True
        return taste

    def _is_due(self, ready: ReadyItem, chosen: Mapping[str, ReadyItem], notes: Notes) -> bool:
        """Return whether an item is on now, and not in this answer already."""
        key, now = ready.item.key, self._moment.now
        if ready.start is not None and now < ready.start:
            notes.leave(key, "not_yet", ready.start)
        elif ready.end is not None and ready.end <= now:
            notes.leave(key, "ended")
        elif key in self._taken or key in chosen:
            notes.leave(key, "shown_already")
        else:
            return True
        return False

    def _free(
        self,
        ready: ReadyItem,
        collection: ReadyCollection,
        chosen: Mapping[str, ReadyItem],
        notes: Notes,
        closed: list[Set[str]],
    ) -> ReadyItem | None:
        """Return the item that is shown in one's place: itself, or where a cap keeps it back what the cap names.

        Adds to `closed` the items of a group of which no more are shown, and nothing in their place.
        """
        tried: set[str] = set()
        one: ReadyItem | None = ready
        while one is not None and one.item.key not in tried and (not tried or self._is_due(one, chosen, notes)):
            tried.add(one.item.key)
            if self._guard.is_seen(one, collection, notes):
                return None
            found = self._guard.capped(one, collection, (self._taken, chosen), notes)
            if found is None:
                return one
            cap, group = found
            whole = collection.group is not None and collection.group.cap.instead is not None
            if group is not None and not (cap.instead or whole or self._explain):
                closed.append(group.members)
            one = self._snapshot.items.get(cap.instead) if cap.instead is not None else None
        return None


def _reason(collection: ReadyCollection, chosen: dict[str, ReadyItem], variation: str | None, notes: Notes) -> Reason:
    if not chosen and notes.capped:
        return "CAPPED"
    if variation is not None:
        return "TARGETING_MATCH"
    return "DEFAULT" if collection.segments else "STATIC"
