"""What may not be shown to one visitor now: caps of items, collections and groups, and what was seen."""

from __future__ import annotations

from collections.abc import Collection

from lenticular.decide.cap import Cap, Kept, Moment, kept_back
from lenticular.decide.group import Group
from lenticular.decide.lists import ReadyCollection, ReadyItem
from lenticular.decide.notes import Notes
from lenticular.decide.request import Visitor
from lenticular.decide.reservations import RESERVED
from lenticular.profiles.profile import Shown


class Guard:
    """Asks a visitor's caps during one decision. `asked`: whether anything depended on what was seen."""

    def __init__(self, visitor: Visitor, moment: Moment) -> None:
        self._visitor, self._moment = visitor, moment
        self._seen: dict[tuple[str, str], tuple[Shown | None, tuple[int, ...]]] = {}
        self._verdicts: dict[tuple[str, str, int], Kept | None] = {}
        self.asked = False

    def is_seen(self, ready: ReadyItem, collection: ReadyCollection, notes: Notes) -> bool:
        """Return whether a collection hides an item because it was seen."""
        if collection.hide is None:
            return False
        self.asked = True
        kept = kept_back(collection.hide, self._visitor.shown.get(ready.item.key), (), self._moment)
        if kept:
            notes.leave(ready.item.key, "seen", kept.until)
        return kept is not None

    def capped(
        self, ready: ReadyItem, collection: ReadyCollection, here: Collection[Collection[str]], notes: Notes
    ) -> tuple[Cap, Group | None] | None:
        """Return the cap that keeps an item back: its own, its collection's, or that of a group of the site.

        With it comes the group that it is on. `here` are the items that this answer shows already.
        """
        key = ready.item.key
        if ready.cap is not None:
            self.asked = True
            reserved = self._visitor.reserved.get(key, ())
            kept = kept_back(ready.cap, self._visitor.shown.get(key), reserved, self._moment)
            if kept:
                notes.cap(key, ready.cap, kept)
                return ready.cap, None
        own = collection.group
        groups = (own, *ready.groups) if own is not None and key in own.members else ready.groups
        for group in groups:
            self.asked = True
            kept = self._together(group, sum(name in group.members for names in here for name in names))
            if kept:
                notes.cap(key, group.cap, kept, group)
                return group.cap, group
        return None

    def _together(self, group: Group, here: int) -> Kept | None:
        """Return why no more of a group may be shown, so many of which are in this answer."""
        name = group.of, group.key
        if name not in self._seen:
            self._seen[name] = group.seen(self._visitor.shown), group.reserved(self._visitor.reserved)
        if (*name, here) not in self._verdicts:
            ends = [self._moment.now + RESERVED] * here
            self._verdicts[*name, here] = kept_back(group.cap, *self._seen[name], self._moment, ends)
        return self._verdicts[*name, here]
