"""Items on their way to a visitor: shown by a decision, not yet seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence

RESERVED = 60_000
"""How long (ms) a decision's item counts as seen while its impression is awaited."""


class Reservations:
    """The reservations of one process, in memory; time is an argument.

    A visitor is told by `names`: all identities by now, so that what one of them has reserved holds when they turn
    out to be one person. (The id of a profile won't do: a newcomer's is not settled yet.) Between `active`, `decide`
    and `reserve` nothing else may run for the same visitor (no await): then two tabs that ask at once can't both
    get the last one. Memory is bounded by the decisions of one minute: what has ended is dropped with each
    reservation.
    """

    def __init__(self) -> None:
        self._ends: dict[Hashable, dict[str, dict[str, int]]] = {}
        self._queue: deque[tuple[int, Hashable, str, str]] = deque()

    def reserve(self, names: Sequence[Hashable], items: Iterable[str], decision_id: str, now: int) -> None:
        """Count items as seen for a minute; the same decision and item count once. `names` has one at least."""
        self._drop(now)
        for item in items:
            if any(decision_id in self._ends.get(name, {}).get(item, {}) for name in names):
                continue
            self._ends.setdefault(names[0], {}).setdefault(item, {})[decision_id] = now + RESERVED
            self._queue.append((now + RESERVED, names[0], item, decision_id))

    def release(self, names: Iterable[Hashable], item: str, decision_id: str) -> None:
        """End a reservation: its impression has arrived and counts from now on, or it will not be seen."""
        for name in names:
            items = self._ends.get(name, {})
            decisions = items.get(item, {})
            decisions.pop(decision_id, None)
            if not decisions:
                items.pop(item, None)
            if not items:
                self._ends.pop(name, None)

    def active(self, names: Iterable[Hashable], now: int) -> Mapping[str, tuple[int, ...]]:
        """Return when each active reservation ends (ms), by item.

        One made after `now` (the demo's clock was set back) is not active.
        """
        found: dict[str, tuple[int, ...]] = {}
        for name in names:
            for item, decisions in self._ends.get(name, {}).items():
                ends = tuple(end for end in decisions.values() if end - RESERVED <= now < end)
                if ends:
                    found[item] = found.get(item, ()) + ends
        return found

    def __len__(self) -> int:
        return sum(len(decisions) for items in self._ends.values() for decisions in items.values())

    def _drop(self, now: int) -> None:
        while self._queue and self._queue[0][0] <= now:
            end, name, item, decision_id = self._queue.popleft()
            if self._ends.get(name, {}).get(item, {}).get(decision_id) == end:
                self.release([name], item, decision_id)
