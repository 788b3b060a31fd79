"""Who has which definition open in an editor. It is kept in memory, and forgotten when nobody says so any more."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from lenticular.ports import Clock

LASTS = 45_000
"""So long (ms) someone counts as there after the last word; screens say so every 20 seconds."""
_MOST = 1_000
_MOST_EACH = 50


class Present(msgspec.Struct, frozen=True):
    """Someone (`name`, `user` is their id, if they have one) edits a definition in a tab, since a moment (ms).

    `definition` is its id, empty for one that has no draft yet.
    """

    kind: str
    key: str
    definition: str
    name: str
    user: str
    tab: str
    since: int


class Presence:
    """Who edits what at a site. `changed` is called when someone comes or goes."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock, self._changed = clock, changed
        self._seen: dict[Present, int] = {}

    def all(self) -> list[Present]:
        """Return who is there, by kind, key and time."""
        return sorted(self._seen, key=lambda one: (one.kind, one.key, one.since, one.tab))

    def at(self, kind: str, key: str) -> list[Present]:
        """Return who has a definition open."""
        return [one for one in self.all() if (one.kind, one.key) == (kind, key)]

    def here(self, new: Present) -> None:
        """Note that someone has a definition open; a tab has one."""
        self.expire()
        now = self._clock()
        old = self._of_tab(new)
        if old is not None and msgspec.structs.replace(old, since=0) == msgspec.structs.replace(new, since=0):
            self._seen[old] = now
            return
        if old is not None:
            del self._seen[old]
        theirs = [one for one in self._seen if (one.user, one.name) == (new.user, new.name)]
        if len(theirs) >= _MOST_EACH:
            del self._seen[min(theirs, key=lambda one: self._seen[one])]
        if len(self._seen) >= _MOST:
            del self._seen[min(self._seen, key=lambda one: self._seen[one])]
        self._seen[msgspec.structs.replace(new, since=now)] = now
        self._changed()

    def gone(self, who: Present) -> None:
        """Note that someone closed what they had open in a tab."""
        old = self._of_tab(who)
        if old is not None:
            del self._seen[old]
            self._changed()

    def expire(self) -> None:
        """Forget those of whom nothing was heard for a while."""
        now = self._clock()
        late = [one for one, seen in self._seen.items() if not 0 <= now - seen < LASTS]
        for one in late:
            del self._seen[one]
        if late:
            self._changed()

    def _of_tab(self, who: Present) -> Present | None:
        mine = (who.user, who.name, who.tab)
        return next((one for one in self._seen if (one.user, one.name, one.tab) == mine), None)
