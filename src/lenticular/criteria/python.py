"""The Python face: all wanted segments become one generated function that answers with a bit mask.

Written with `ast`, compiled once. Attributes are read once into locals, windows and the current day once per call,
a condition that many segments use is computed once, and segments come after those that they name. The texts and
patterns of a rule are constants of the function, never part of its source.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from lenticular.criteria import calendar as days
from lenticular.criteria.calendar import Calendar
from lenticular.criteria.check_values import pattern
from lenticular.criteria.lower import lower
from lenticular.criteria.operands import Condition, conditions, depends_on_now, is_moment, key_of
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tally.count import read_recent, read_total
from lenticular.criteria.tree import (
    And,
    Between,
    Call,
    Compare,
    Count,
    Everyone,
    InSegment,
    Moment,
    Node,
    Not,
    Or,
    Right,
    Scalar,
    operand_of,
    walk,
)
from lenticular.criteria.types import Schema
from lenticular.criteria.window import moment, reach, reader

Matching = Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any], "int | None", int], int]
"""(user traits, session properties, tallies, session start in ms, now in ms) to a mask: bit n for the n-th segment."""

TallyKey = Callable[[Count], str]
_WORD = 60


def compile_segments(
    trees: Sequence[tuple[str, Node]], schema: Schema, calendar: Calendar, tally_key: TallyKey
) -> Matching:
    """Compile segments, given with their keys in dependency order, into one function."""
    writer = _Writer(schema, calendar, tally_key, {"user": "user", "session": "session"})
    writer.share(tree for _, tree in trees)
    named = {part.key for _, tree in trees for part in walk(tree) if isinstance(part, InSegment)}
    body: list[ast.stmt] = []
    for bit, (key, tree) in enumerate(trees):
        if bit % _WORD == 0:
            body += [*_add_word(bit - _WORD), _assign("word", ast.Constant(0))]
        test = writer.node(tree)
        if key in named:
            writer.statements.append(_assign(local := f"s{bit}", test))
            writer.segments[key] = local
            test = _name(local)
        body += [*writer.take(), ast.If(test, [_set("word", ast.Constant(1 << bit % _WORD))], [])]
    body += _add_word((len(trees) - 1) // _WORD * _WORD)
    start: list[ast.stmt] = [_assign("mask", ast.Constant(0))]
    result = ast.Return(_name("mask"))
    arguments = ["user", "session", "tallies", "session_start", "now"]
    return cast(Matching, writer.function("matching", arguments, [*start, *writer.prologue, *body, result]))


def compile_filter(where: Sequence[Node], schema: Schema, calendar: Calendar) -> Callable[..., bool]:
    """Compile a behaviour's filters into `passes(properties, context)`."""
    writer = _Writer(schema, calendar, lambda count: "", {"event": "properties", "context": "context"})
    test = writer.node(And(tuple(where))) if where else ast.Constant(True)
    body = [*writer.prologue, *writer.take(), ast.Return(test)]
    return cast(Callable[..., bool], writer.function("passes", ["properties", "context"], body))


class _Writer:
    """Writes conditions as Python expressions, and collects what they need: locals, constants, shared results."""

    def __init__(self, schema: Schema, calendar: Calendar, tally_key: TallyKey, scopes: Mapping[str, str]) -> None:
        self.schema, self.calendar, self.tally_key, self.scopes = schema, calendar, tally_key, scopes
        self.prologue: list[ast.stmt] = []
        self.statements: list[ast.stmt] = []
        self.constants: dict[str, Any] = {}
        self.segments: dict[str, str] = {}
        self._locals: dict[Any, str] = {}
        self._uses: Counter[Node] = Counter()

    def share(self, trees: Iterable[Node]) -> None:
        """Count the conditions, so that one used often is computed once."""
        for tree in trees:
            self._uses.update(part for part in walk(tree, filters=False) if isinstance(part, Compare | Between))

    def take(self) -> list[ast.stmt]:
        """Return the statements written since the last call."""
        taken, self.statements = self.statements, []
        return taken

    def function(self, name: str, arguments: list[str], body: list[ast.stmt]) -> Callable[..., Any]:
        """Compile a body into a function over the collected constants."""
        parameters = ast.arguments(
            posonlyargs=[], args=[ast.arg(one) for one in arguments], kwonlyargs=[], kw_defaults=[], defaults=[]
        )
        definition = ast.FunctionDef(name, parameters, body, [])
        if hasattr(definition, "type_params"):
            definition.type_params = []
        module = ast.fix_missing_locations(ast.Module([definition], []))
        scope: dict[str, Any] = dict(self.constants)
        # No text of a rule is in the source: names are ours, values are constants.
        exec(compile(module, "<segments>", "exec"), scope)  # noqa: S102
        return cast(Callable[..., Any], scope[name])

    def node(self, node: Node) -> ast.expr:
        """Return the expression of a condition or a group."""
        match node:
            case Everyone():
                return ast.Constant(True)
            case Not(of):
                return ast.UnaryOp(ast.Not(), self.node(of))
            case And(of):
                return ast.BoolOp(ast.And(), [self.node(part) for part in of]) if len(of) > 1 else self.node(of[0])
            case Or(of):
                return ast.BoolOp(ast.Or(), [self.node(part) for part in of]) if len(of) > 1 else self.node(of[0])
            case InSegment(key):
                return _name(self.segments[key])
            case Compare() | Between():
                if not _worth_sharing(node, self._uses[node]):
                    return self._comparison(node)
                if node not in self._locals:
                    test = self._comparison(node)
                    self._locals[node] = local = f"c{len(self._locals)}"
                    self.statements.append(_assign(local, test))
                return _name(self._locals[node])

    def _comparison(self, node: Compare | Between) -> ast.expr:
        parts = [self._condition(one) for one in conditions(node, self.schema)]
        return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), parts)

    def _condition(self, one: Condition) -> ast.expr:
        row = OPERATORS[one.operator]
        negated = bool(row.negates)
        row = OPERATORS[row.negates] if negated else row
        value, raw = self._left(one)
        test = _fill(row.python, value, self._right(one))
        if raw is not None and not (row.total and raw is value):
            known = ast.Compare(raw, [ast.IsNot()], [ast.Constant(None)])
            test = ast.BoolOp(ast.And(), [known, test])
        return ast.UnaryOp(ast.Not(), test) if negated else test

    def _left(self, one: Condition) -> tuple[ast.expr, ast.expr | None]:
        """Return the value that is compared, and the raw attribute if it may be missing."""
        if isinstance(one.left, Count):
            return self._count(one.left), None
        field = one.left.of if isinstance(one.left, Call) else one.left
        source = self.scopes[field.scope]
        key = key_of(one.left, one.kind)
        raw = _name(
            self._once((source, key), lambda: _call(ast.Attribute(_name(source), "get", ast.Load()), ast.Constant(key)))
        )
        if isinstance(one.left, Call):
            return self._function(one.left.function, one.kind, raw), raw
        if one.kind == "datetime" and one.compared == "date":
            return self._local_day(raw), raw
        return raw, raw

    def _function(self, function: str, kind: str, raw: ast.expr) -> ast.expr:
        match function:
            case "lower":
                return _call(self._constant(lower), raw)
            case "size":
                return _call(_name("len"), raw)
            case "hour":
                return _call(self._constant(self.calendar.hour), raw)
        day = self._local_day(raw) if kind == "datetime" else raw
        plain = {"weekday": days.weekday, "month": days.month_of, "day": days.day_of_month}
        if function in plain:
            return _call(self._constant(plain[function]), day)
        dated = {"age": days.age, "days_until_anniversary": days.days_until_anniversary}
        today = self._once("today", lambda: _call(self._constant(self.calendar.day), _name("now")))
        return _call(self._constant(dated[function]), day, _name(today))

    def _local_day(self, instant: ast.expr) -> ast.expr:
        return _call(self._constant(self.calendar.day), instant)

    def _count(self, count: Count) -> ast.expr:
        """Return how often something happened; each behaviour is read once, each window worked out once."""
        key = self.tally_key(count)
        state = _call(ast.Attribute(_name("tallies"), "get", ast.Load()), ast.Constant(key))
        if reach(count.window) is None:
            end: ast.expr = ast.BinOp(_name("now"), ast.Add(), ast.Constant(1))
            return _name(self._once(("count", key), lambda: _call(self._constant(read_total), state, end)))
        window = self._once(("window", count.window), lambda: self._window(count))
        between = ast.Starred(_name(window), ast.Load())
        return _name(self._once(("count", key), lambda: _call(self._constant(read_recent), state, between)))

    def _window(self, count: Count) -> ast.expr:
        read = self._constant(reader(count.window, self.calendar))
        return _call(read, _name("now"), _name("session_start"))

    def _right(self, one: Condition) -> ast.expr:
        value: Right = one.right
        if is_moment(value):
            return self._moment(cast(Moment, value), as_day=one.compared == "date" and one.right_kind == "datetime")
        if isinstance(value, tuple):
            return self._constant(frozenset(value))
        if one.operator == "matches":
            return self._constant(pattern(str(value)))
        return ast.Constant(cast(Scalar, value))

    def _moment(self, value: Moment, as_day: bool) -> ast.expr:
        calendar = self.calendar

        def at(now: int) -> int:
            found = moment(value, now, calendar)
            return calendar.day(found) if as_day else found

        if not depends_on_now(value):
            return ast.Constant(at(0))
        return _name(self._once((value, as_day), lambda: _call(self._constant(at), _name("now"))))

    def _once(self, what: Any, value: Callable[[], ast.expr]) -> str:
        """Return the local that holds a value, which is computed once, before everything else."""
        if what not in self._locals:
            written = value()
            self._locals[what] = local = f"v{len(self._locals)}"
            self.prologue.append(_assign(local, written))
        return self._locals[what]

    def _constant(self, value: Any) -> ast.expr:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return _name(name)


def _worth_sharing(node: Compare | Between, uses: int) -> bool:
    """Shared, a condition is computed for everyone; inline, only where those before it did not decide already.

    Plain comparisons break even at three uses (measured); what calls a function, at two.
    """
    calls = isinstance(operand_of(node), Call) or (isinstance(node, Compare) and node.operator == "matches")
    return uses >= (2 if calls else 4)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _call(function: ast.expr, *arguments: ast.expr) -> ast.Call:
    return ast.Call(function, list(arguments), [])


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _set(name: str, bits: ast.expr) -> ast.stmt:
    return ast.AugAssign(ast.Name(name, ast.Store()), ast.BitOr(), bits)


def _add_word(first: int) -> list[ast.stmt]:
    """Bits are set in a word of their own first: in a mask of a thousand bits each would copy them all."""
    return [_set("mask", ast.BinOp(_name("word"), ast.LShift(), ast.Constant(first)))] if first >= 0 else []


class _Fill(ast.NodeTransformer):
    def __init__(self, left: ast.expr, right: ast.expr) -> None:
        self.parts = {"left": left, "right": right}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.parts.get(node.id, node)


def _fill(template: str, left: ast.expr, right: ast.expr) -> ast.expr:
    """Return an operator's Python face with its two sides in place."""
    return cast(ast.expr, _Fill(left, right).visit(ast.parse(template, mode="eval").body))
