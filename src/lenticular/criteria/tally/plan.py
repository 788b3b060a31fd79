"""Which tallies a site's segments need, and how an event moves them."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.python import compile_filter
from lenticular.criteria.tally.build import build
from lenticular.criteria.tally.kept import all_kept
from lenticular.criteria.tally.limits import Limits
from lenticular.criteria.tally.occurrence import Occurrence
from lenticular.criteria.tally.tally import Tally
from lenticular.criteria.tree import Node
from lenticular.criteria.types import Schema

_NEVER = 1 << 62


class TallyPlan:
    """The tallies of a set of trees. Identical behaviours share one.

    `began` says in which generation of plans the counting of each began, `generation` which one this is: a state that
    a profile has from an earlier life of a tally is worth nothing. `limits` None: every state stays with its profile.
    """

    generation: int = 0
    began: Mapping[str, int] = {}
    limits: Limits | None = None

    def __init__(self, trees: Iterable[Node], schema: Schema, calendar: Calendar) -> None:
        wanted = {one.key: one for tree in trees for one in all_kept(tree, schema)}
        self.tallies: dict[str, Tally] = {
            key: build(wanted[key], calendar, lambda where: compile_filter(where, schema, calendar))
            for key in sorted(wanted)
        }
        self._index()

    def _index(self) -> None:
        self._by_event: dict[str, list[tuple[Tally, bool]]] = {}
        for tally in self.tallies.values():
            for name in sorted(tally.events):
                self._by_event.setdefault(name, []).append((tally, tally.collapses))
        self._concerned = {name: tuple(tally.key for tally, _ in found) for name, found in self._by_event.items()}

    def counting(self, generation: int, began: Mapping[str, int], limits: Limits) -> TallyPlan:
        """Return this plan as profiles are counted by it."""
        plan = copy.copy(self)
        plan.generation, plan.began, plan.limits = generation, began, limits
        return plan

    def only(self, keys: Iterable[str]) -> TallyPlan:
        """Return this plan with some of its tallies."""
        plan = copy.copy(self)
        plan.tallies = {key: self.tallies[key] for key in keys}
        plan._index()
        return plan

    @property
    def events(self) -> list[str]:
        """The names of the events that any tally counts."""
        return list(self._by_event)

    def concerned(self, event: str) -> Sequence[str]:
        """Return the keys of the tallies that events of a name may move."""
        return self._concerned.get(event, ())

    def size(self, key: str, state: Any) -> int:
        """Return how many entries a state holds."""
        return self.tallies[key].size(state)

    def step(self, states: dict[str, Any], event: Occurrence) -> list[str]:
        """Move every tally that an event concerns; a tally that stays empty takes no place.

        Return those that may have too many entries by now: what most events move is small, and not looked at twice.
        """
        many = self.limits.row if self.limits else _NEVER
        grown = []
        for tally, collapses in self._by_event.get(event.name, ()):
            state = tally.step(states.get(tally.key), event)
            if state is None:
                states.pop(tally.key, None)
            else:
                states[tally.key] = state
                if (tally.size(state) if collapses else len(state[0])) > many:
                    grown.append(tally.key)
        return grown

    def merge(self, into: dict[str, Any], other: dict[str, Any]) -> None:
        """Join the states of two profiles into the first. States of tallies no longer in the plan are dropped."""
        for key in [key for key in into if key not in self.tallies]:
            del into[key]
        for key, tally in self.tallies.items():
            state = tally.merge(into.get(key), other.get(key))
            if state:
                into[key] = state
