"""The segments of a site, read, checked and ready to be asked: who is this person?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import compress

import msgspec

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.check import check
from lenticular.criteria.needs import needed_purposes
from lenticular.criteria.order import in_order
from lenticular.criteria.person import Person
from lenticular.criteria.python import Matching, compile_segments
from lenticular.criteria.tally.plan import TallyPlan
from lenticular.criteria.text import parse
from lenticular.criteria.text.places import placed
from lenticular.criteria.tree import Everyone, Node, Not
from lenticular.criteria.types import Schema
from lenticular.errors import RuleError

_FLAGS = bytes.maketrans(b"01", b"\0\1")


class _Program(msgspec.Struct, frozen=True):
    """A compiled set of segments: what each bit of the function's mask stands for, and which were asked for."""

    order: list[str]
    matching: Matching
    wanted: int


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
        self.needs = needed_purposes(self.trees, self.order, schema)
        self._programs: dict[tuple[frozenset[str], int], _Program] = {}

    def matching(self, keys: Iterable[str], person: Person, now: int) -> frozenset[str]:
        """Return those of the given segments (unknown keys are in none) that the person is in at `now` (ms)."""
        program = self._program(keys, person.withheld)
        mask = program.matching(person, now) & program.wanted
        if not mask:
            return frozenset()
        return frozenset(compress(program.order, bin(mask)[:1:-1].encode().translate(_FLAGS)))

    def function(self, keys: Iterable[str]) -> tuple[list[str], Matching]:
        """Return the segments that a set needs, in their order, and the function that decides them all."""
        program = self._program(keys)
        return program.order, program.matching

    def _program(self, keys: Iterable[str], withheld: int = 0) -> _Program:
        wanted = frozenset(keys)
        found = self._programs.get((wanted, withheld))
        if found is None:
            self._programs[wanted, withheld] = found = self._compile(wanted, withheld)
        return found

    def _compile(self, wanted: frozenset[str], withheld: int) -> _Program:
        """Someone who withholds a purpose gets a function of their own: a segment that needs it is nobody's there."""
        needed = set(in_order(self.trees, sorted(wanted & self.trees.keys())))
        order = [key for key in self.order if key in needed]
        trees = [(key, _NOBODY if self.needs[key] & withheld else self.trees[key]) for key in order]
        function = compile_segments(trees, self.schema, self.calendar, self.plan.tallies)
        return _Program(order, function, sum(1 << bit for bit, key in enumerate(order) if key in wanted))


_NOBODY = Not(Everyone())


def read_rule(text: str, schema: Schema, segments: Mapping[str, Node]) -> Node:
    """Read and check a rule. Raises RuleError with every problem, each placed by line and column."""
    parsed = parse(text)
    problems = check(parsed.tree, schema, segments)
    if problems:
        raise RuleError(*(placed(problem, parsed.places) for problem in problems))
    return parsed.tree
