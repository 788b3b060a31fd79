"""The Python face: all wanted segments become one generated function that answers with a bit mask.

Attributes are read once into locals, windows and the current day once per call, a condition that many segments use
is computed once, and segments come after those that they name.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from lenticular.criteria.calendar import Calendar
from lenticular.criteria.code import assign, attribute, both, call, fill, name
from lenticular.criteria.operands import Condition, conditions, key_of
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.person import Person
from lenticular.criteria.python_sides import Sides
from lenticular.criteria.tally.occurrence import Passes
from lenticular.criteria.tally.tally import Tally
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Between,
    Call,
    Compare,
    Everyone,
    InSegment,
    Node,
    Not,
    OnList,
    Or,
    Organization,
    operand_of,
    walk,
)
from lenticular.criteria.tree import (
    Sequence as Steps,
)
from lenticular.criteria.types import Schema

Matching = Callable[[Person, int], int]
"""(person, now in ms) to a mask: bit n for the n-th segment."""

_WORD = 60


def compile_segments(
    trees: Sequence[tuple[str, Node]], schema: Schema, calendar: Calendar, tallies: Mapping[str, Tally]
) -> Matching:
    """Compile segments, given with their keys in dependency order, into one function."""
    writer = _Writer(schema, calendar, tallies, {"user": "person.user", "session": "person.session"})
    writer.share(tree for _, tree in trees)
    named = {part.key for _, tree in trees for part in walk(tree) if isinstance(part, InSegment)}
    body: list[ast.stmt] = []
    for bit, (key, tree) in enumerate(trees):
        if bit % _WORD == 0:
            body += [*_add_word(bit - _WORD), assign("word", ast.Constant(0))]
        test = writer.node(tree)
        if key in named:
            writer.statements.append(assign(local := f"s{bit}", test))
            writer.segments[key] = local
            test = name(local)
        body += [*writer.take(), ast.If(test, [_set("word", ast.Constant(1 << bit % _WORD))], [])]
    body += _add_word((len(trees) - 1) // _WORD * _WORD)
    start: list[ast.stmt] = [assign("mask", ast.Constant(0))]
    result = ast.Return(name("mask"))
    return cast(Matching, writer.function("matching", ["person", "now"], [*start, *writer.prologue, *body, result]))


def compile_filter(where: Sequence[Node], schema: Schema, calendar: Calendar) -> Passes:
    """Compile a behaviour's filters into `passes(properties, context)`."""
    writer = _Writer(schema, calendar, {}, {"event": "properties", "context": "context"})
    return cast(Passes, writer.test("passes", ["properties", "context"], where))


def compile_inner(
    scope: str, where: Sequence[Node], schema: Schema, calendar: Calendar
) -> Callable[[Mapping[str, Any], int], bool]:
    """Compile what is asked of one organization or one element into `passes(values, now)`."""
    writer = _Writer(schema, calendar, {}, {scope: "values"})
    return writer.test("passes", ["values", "now"], where)


class _Writer(Sides):
    """Writes conditions as Python expressions."""

    def __init__(
        self, schema: Schema, calendar: Calendar, tallies: Mapping[str, Tally], scopes: Mapping[str, str]
    ) -> None:
        super().__init__(schema, calendar, tallies, scopes)
        self.segments: dict[str, str] = {}
        self._uses: Counter[Node] = Counter()

    def share(self, trees: Iterable[Node]) -> None:
        """Count the conditions, so that one used often is computed once."""
        for tree in trees:
            self._uses.update(part for part in walk(tree, filters=False) if isinstance(part, Compare | Between))

    def test(self, called: str, arguments: list[str], where: Sequence[Node]) -> Callable[..., bool]:
        """Compile conditions that all must hold into a function."""
        self.share(where)
        test = self.node(And(tuple(where))) if where else ast.Constant(True)
        return self.function(called, arguments, [*self.prologue, *self.take(), ast.Return(test)])

    def node(self, node: Node) -> ast.expr:
        """Return the expression of a condition or a group."""
        match node:
            case Everyone():
                return ast.Constant(True)
            case Not(of):
                return ast.UnaryOp(ast.Not(), self.node(of))
            case And(of):
                return both([self.node(part) for part in of], ast.And())
            case Or(of):
                return both([self.node(part) for part in of], ast.Or())
            case InSegment(key):
                return name(self.segments[key])
            case OnList(key):
                lists = self.once("lists", lambda: attribute(name("person"), "lists"))
                return ast.Compare(ast.Constant(key), [ast.In()], [lists])
            case Organization(where):
                every = self.once("organizations", lambda: attribute(name("person"), "organizations"))
                return self._some(every, compile_inner("organization", where, self.schema, self.calendar), True)
            case AnyOf():
                return self._any(node)
            case Steps():
                return self.behaviour(node)
        return self._shared(node)

    def _any(self, node: AnyOf) -> ast.expr:
        raw = self.property(node.of, key_of(node.of, "objects"))
        timeless = node.of.scope in ("event", "context")
        return self._some(raw, compile_inner("element", (node.where,), self.schema, self.calendar), not timeless)

    def _some(self, values: ast.expr, passes: Callable[[Mapping[str, Any], int], bool], at_now: bool) -> ast.expr:
        def some(found: Iterable[Mapping[str, Any]] | None, now: int) -> bool:
            return any(passes(one, now) for one in found or ())

        return call(self.constant(some), values, name("now") if at_now else ast.Constant(0))

    def _shared(self, node: Compare | Between) -> ast.expr:
        if not _worth_sharing(node, self._uses[node]):
            return self._comparison(node)
        if node not in self.locals:
            test = self._comparison(node)
            self.locals[node] = local = f"c{len(self.locals)}"
            self.statements.append(assign(local, test))
        return name(self.locals[node])

    def _comparison(self, node: Compare | Between) -> ast.expr:
        return both([self._condition(one, node) for one in conditions(node, self.schema)], ast.And())

    def _condition(self, one: Condition, node: Compare | Between) -> ast.expr:
        row = OPERATORS[one.operator]
        negated = bool(row.negates)
        row = OPERATORS[row.negates] if negated else row
        value, raw = self.left(one, node)
        test = fill(row.python, value, self.right(one))
        if raw is not None and not (row.total and raw is value):
            known = ast.Compare(raw, [ast.IsNot()], [ast.Constant(None)])
            test = ast.BoolOp(ast.And(), [known, test])
        return ast.UnaryOp(ast.Not(), test) if negated else test


def _worth_sharing(node: Compare | Between, uses: int) -> bool:
    """Shared, a condition is computed for everyone; inline, only where those before it did not decide already.

    Plain comparisons break even at three uses (measured); what calls a function, at two.
    """
    calls = isinstance(operand_of(node), Call) or (isinstance(node, Compare) and node.operator == "matches")
    return uses >= (2 if calls else 4)


def _set(to: str, bits: ast.expr) -> ast.stmt:
    return ast.AugAssign(ast.Name(to, ast.Store()), ast.BitOr(), bits)


def _add_word(first: int) -> list[ast.stmt]:
    """Bits are set in a word of their own first: in a mask of a thousand bits each would copy them all."""
    return [_set("mask", ast.BinOp(name("word"), ast.LShift(), ast.Constant(first)))] if first >= 0 else []
