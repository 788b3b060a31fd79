"""States of tallies that have outgrown their profile: in a row of their own, or given up for the log (DESIGN §4.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from lenticular.criteria.tally.limits import Limits
from lenticular.profiles.merge import Tallies
from lenticular.profiles.profile import Profile

ROW, LOG = "row", "log"
"""Where a state is: see `Profile.away`."""

_NEVER = 1 << 62

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder().decode


class Rows:
    """The states in rows of their own, as one fold reads and changes them.

    `look` reads a row of (profile id, tally key) that nobody else changes. `changed` is what must be written: None for
    a row that is to go.
    """

    def __init__(self, look: Callable[[int, str], Any], tallies: Tallies) -> None:
        self._look, self._tallies = look, tallies
        self.changed: dict[tuple[int, str], Any] = {}

    def get(self, profile_id: int, key: str) -> Any:
        """Return a copy of a state."""
        if (profile_id, key) in self.changed:
            return _decode(_encode(self.changed[profile_id, key]))
        return self._look(profile_id, key)

    def bring(self, profile: Profile, keys: Iterable[str]) -> None:
        """Lay those of some states that are in rows beside the others, until `place`."""
        for key in keys:
            if profile.away.get(key) == ROW and key not in profile.tallies:
                at = (profile.id, key)
                profile.tallies[key] = self.changed[at] if at in self.changed else self._look(*at)

    def place(self, profile: Profile, keys: Iterable[str]) -> None:
        """Put states that have changed where they belong by now."""
        limits = self._tallies.limits
        if limits is None:
            return
        for key in keys:
            state = profile.tallies.get(key)
            if state is None:
                continue
            size = self._tallies.size(key, state)
            if size > limits.row or key in profile.away:
                self._move(profile, key, size, limits)

    def _move(self, profile: Profile, key: str, size: int, limits: Limits) -> None:
        before = profile.away.get(key)
        if before == ROW and size < limits.home:
            del profile.away[key]
            self.changed[profile.id, key] = None
            return
        # What is given up stays so until the tally is counted anew: the log has events that no entry stands for.
        after = LOG if before == LOG or size > limits.log else ROW
        state = profile.tallies.pop(key)
        profile.away[key] = after
        if after == ROW:
            self.changed[profile.id, key] = state
        elif before == ROW:
            self.changed[profile.id, key] = None

    def unite(self, survivor: Profile, loser: Profile) -> None:
        """Lay all states of two profiles beside each other, before they are merged; `place` them afterwards."""
        for profile in (survivor, loser):
            self.bring(profile, list(profile.away))
        for key, where in loser.away.items():
            if where == ROW:
                self.changed[loser.id, key] = None
            elif survivor.away.get(key) == ROW:
                self.changed[survivor.id, key] = None
            if where == LOG:
                survivor.away[key] = LOG
                survivor.tallies.pop(key, None)

    def give_up(self, profile: Profile) -> None:
        """Leave all tallies of a profile to the log: what they counted is not all theirs."""
        for key, where in profile.away.items():
            if where == ROW:
                self.changed[profile.id, key] = None
        profile.tallies = {}
        profile.away = dict.fromkeys(self._tallies.began, LOG)
        profile.generation = self._tallies.generation

    def prune(self, profile: Profile) -> None:
        """Drop the states that are left from tallies which nobody counted any more for a while."""
        plan = self._tallies
        if profile.generation == plan.generation:
            return
        for key in {*profile.tallies, *profile.away}:
            if plan.began.get(key, _NEVER) > profile.generation:
                profile.tallies.pop(key, None)
                if profile.away.pop(key, None) == ROW:
                    self.changed[profile.id, key] = None
        profile.generation = plan.generation
