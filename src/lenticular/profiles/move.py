"""Someone who entered or left a segment that somebody outside is told of."""

from __future__ import annotations

import msgspec


class Move(msgspec.Struct, frozen=True):
    """At `at` (ms) a profile `entered` a segment, or left it. `person` is what is told of them, as JSON."""

    segment: str
    profile_id: int
    entered: bool
    at: int
    person: bytes


class Told(msgspec.Struct):
    """What telling of moves changes: the moves, and by (segment, profile id) whether the last word was *inside*.

    None is for a profile that is gone.
    """

    moves: list[Move] = []
    inside: dict[tuple[str, int], bool | None] = {}
    at: int = 0


class Watched(msgspec.Struct):
    """A segment of which somebody outside is told who enters and who leaves.

    Everyone with an id up to `last` is looked at once, by a `rule`; that is done `upto` one. While that is the first
    look (`new`), it is only noted who is inside; of who came later, everything is told. `checked` (ms) is when the last
    look at those whom time may have moved began, 0 for none.
    """

    segment: str
    rule: str
    new: bool
    upto: int
    last: int
    checked: int = 0

    def covers(self, profile_id: int) -> bool:
        """Return whether it is known where someone was before."""
        return not self.new or profile_id <= self.upto or profile_id > self.last
