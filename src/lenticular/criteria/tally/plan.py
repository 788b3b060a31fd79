"""Which tallies a site's segments need, and how an event moves them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.json import encode
from lenticular.criteria.operands import key_of
from lenticular.criteria.python import compile_filter
from lenticular.criteria.tally.count import CountTally, Occurrence
from lenticular.criteria.tree import Between, Compare, Count, Node, operand_of, walk
from lenticular.criteria.types import Schema, field_type
from lenticular.criteria.window import edges, reach
from lenticular.ids import short_hash


class TallyPlan:
    """The tallies of a set of trees. Identical behaviours share one."""

    def __init__(self, trees: Iterable[Node], schema: Schema, calendar: Calendar) -> None:
        counts = {
            operand
            for tree in trees
            for node in walk(tree, filters=False)
            if isinstance(node, Compare | Between) and isinstance(operand := operand_of(node), Count)
        }
        tallies = [_tally(count, schema, calendar) for count in counts]
        self.tallies: dict[str, CountTally] = {tally.key: tally for tally in sorted(tallies, key=lambda one: one.key)}
        self._by_event: dict[str, list[CountTally]] = {}
        for tally in self.tallies.values():
            self._by_event.setdefault(tally.count.event, []).append(tally)

    @property
    def events(self) -> list[str]:
        """The names of the events that any tally counts."""
        return list(self._by_event)

    def step(self, states: dict[str, Any], event: Occurrence) -> None:
        """Move every tally that an event concerns; a tally that stays empty takes no place."""
        for tally in self._by_event.get(event.name, ()):
            state = tally.step(states.get(tally.key), event)
            if state:
                states[tally.key] = state

    def merge(self, into: dict[str, Any], other: dict[str, Any]) -> None:
        """Join the states of two profiles into the first. States of tallies no longer in the plan are dropped."""
        for key in [key for key in into if key not in self.tallies]:
            del into[key]
        for key, tally in self.tallies.items():
            state = tally.merge(into.get(key), other.get(key))
            if state:
                into[key] = state


def tally_key(count: Count, schema: Schema) -> str:
    """Return the key under which a behaviour's state is kept: the same for the same behaviour on the same types."""
    types = [
        key_of(operand, field_type(operand, node.right if isinstance(node, Compare) else node.low, "==", schema))
        for part in count.where
        for node in walk(part)
        if isinstance(node, Compare | Between) and not isinstance(operand := operand_of(node), Count)
    ]
    return short_hash(encode(Compare(count, "is not None")).decode() + "|".join(types))


def _tally(count: Count, schema: Schema, calendar: Calendar) -> CountTally:
    after, end = edges(count.window, calendar)
    passes = compile_filter(count.where, schema, calendar)
    return CountTally(tally_key(count, schema), count, passes, after, end, reach(count.window))
