"""Items on their way to a visitor: shown by a decision, not yet seen."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

RESERVED = 60_000
"""How long (ms) a decision's item counts as seen while its impression is awaited."""


class Reservations:
    """The reservations of one process, in memory; time is an argument.

    Between `active`, `decide` and `reserve` nothing else may run for the same profile (no await): then two
    tabs that ask at once can't both get the last one. Memory is bounded by the decisions of one minute: what
    has ended is dropped with each reservation.
    """

    def __init__(self) -> None:
        self._ends: dict[int, dict[str, dict[str, int]]] = {}
        self._queue: deque[tuple[int, int, str, str]] = deque()

    def reserve(self, profile_id: int, items: Iterable[str], decision_id: str, now: int) -> None:
        """Count items as seen for a minute; the same decision and item count once."""
        self._drop(now)
        for item in items:
            decisions = self._ends.setdefault(profile_id, {}).setdefault(item, {})
            if decision_id not in decisions:
                decisions[decision_id] = now + RESERVED
                self._queue.append((now + RESERVED, profile_id, item, decision_id))

    def release(self, profile_id: int, item: str, decision_id: str) -> None:
        """End a reservation: its impression has arrived and counts from now on, or it will not be seen."""
        items = self._ends.get(profile_id, {})
        decisions = items.get(item, {})
        decisions.pop(decision_id, None)
        if not decisions:
            items.pop(item, None)
        if not items:
            self._ends.pop(profile_id, None)

    def active(self, profile_id: int, now: int) -> Mapping[str, tuple[int, ...]]:
        """Return when each active reservation ends (ms), by item.

        One made after `now` (the demo's clock was set back) is not active.
        """
        found = {}
        for item, decisions in self._ends.get(profile_id, {}).items():
            ends = tuple(end for end in decisions.values() if end - RESERVED <= now < end)
            if ends:
                found[item] = ends
        return found

    def join(self, gone: int, survivor: int) -> None:
        """Give the reservations of a profile that was merged to the one that it was merged into."""
        for item, decisions in self._ends.pop(gone, {}).items():
            kept = self._ends.setdefault(survivor, {}).setdefault(item, {})
            for decision_id, end in decisions.items():
                kept[decision_id] = end
                self._queue.append((end, survivor, item, decision_id))

    def __len__(self) -> int:
        return sum(len(decisions) for items in self._ends.values() for decisions in items.values())

    def _drop(self, now: int) -> None:
        while self._queue and self._queue[0][0] <= now:
            end, profile_id, item, decision_id = self._queue.popleft()
            if self._ends.get(profile_id, {}).get(item, {}).get(decision_id) == end:
                self.release(profile_id, item, decision_id)
