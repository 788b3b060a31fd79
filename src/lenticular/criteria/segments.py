"""The segments of a site, read, checked and ready to be asked: who is this person?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.check import check
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.python import Matching, compile_segments
from lenticular.criteria.tally.plan import TallyPlan, tally_key
from lenticular.criteria.text import parse
from lenticular.criteria.tree import Node
from lenticular.criteria.types import Schema
from lenticular.errors import Problem, RuleError


class Segments:
    """Compiled segments. Immutable: a publish builds another one and swaps it in.

    Raises RuleError when a tree asks for what does not exist, or when segments name each other in a circle.
    """

    def __init__(self, trees: Mapping[str, Node], schema: Schema, calendar: Calendar) -> None:
        problems = [
            msgspec.structs.replace(problem, place=f"segment {key}{problem.place}")
            for key, tree in trees.items()
            for problem in check(tree, schema, trees)
        ]
        if problems:
            raise RuleError(*problems)
        self.trees, self.schema, self.calendar = dict(trees), schema, calendar
        self.order = in_order(trees)
        self.plan = TallyPlan(trees.values(), schema, calendar)
        self._programs: dict[frozenset[str], tuple[list[str], Matching]] = {}

    def matching(self, keys: Iterable[str], person: Person, now: int) -> frozenset[str]:
        """Return those of the given segments (unknown keys are in none) that the person is in at `now` (ms)."""
        wanted = frozenset(keys)
        order, function = self._programs.get(wanted) or self._compile(wanted)
        mask = function(person.user, person.session, person.tallies, person.session_start, now)
        if not mask:
            return frozenset()
        return frozenset(key for bit, key in enumerate(order) if mask >> bit & 1 and key in wanted)

    def function(self, keys: Iterable[str]) -> tuple[list[str], Matching]:
        """Return the segments that a set needs, in their order, and the function that decides them all."""
        wanted = frozenset(keys)
        return self._programs.get(wanted) or self._compile(wanted)

    def _compile(self, wanted: frozenset[str]) -> tuple[list[str], Matching]:
        needed = set(in_order(self.trees, sorted(wanted & self.trees.keys())))
        order = [key for key in self.order if key in needed]
        trees = [(key, self.trees[key]) for key in order]
        function = compile_segments(trees, self.schema, self.calendar, lambda count: tally_key(count, self.schema))
        self._programs[wanted] = order, function
        return order, function


def read_rule(text: str, schema: Schema, segments: Mapping[str, Node]) -> Node:
    """Read and check a rule. Raises RuleError with every problem, each placed by line and column."""
    parsed = parse(text)
    problems = check(parsed.tree, schema, segments)
    if problems:
        raise RuleError(*(placed(problem, parsed.places) for problem in problems))
    return parsed.tree


def placed(problem: Problem, places: Mapping[str, str]) -> Problem:
    """Return a problem with its path in the tree turned into a place in the text (that of the nearest part known)."""
    path = problem.place
    while path not in places and path:
        path = path.rpartition("/")[0]
    return msgspec.structs.replace(problem, place=places.get(path, problem.place))
