"""Read a rule's text into a tree. Every refusal names the place, the reason and the form that works."""

from __future__ import annotations

import ast
import warnings
from typing import NoReturn

import msgspec

from lenticular.criteria.limits import check_size, too_deep
from lenticular.criteria.measures import MEASURES
from lenticular.criteria.operators import METHODS, OPERATORS
from lenticular.criteria.text import literals
from lenticular.criteria.text.behaviours import read_sequence
from lenticular.criteria.text.early import refuse_early
from lenticular.criteria.text.fields import read_field
from lenticular.criteria.text.operands import read_operand
from lenticular.criteria.text.places import Source, placed
from lenticular.criteria.text.print import operand_text
from lenticular.criteria.text.reading import Reading
from lenticular.criteria.text.windows import keywords
from lenticular.criteria.tree import (
    And,
    AnyOf,
    Behaviour,
    Between,
    Compare,
    Everyone,
    Field,
    InSegment,
    Node,
    Not,
    OnList,
    Operand,
    Or,
    Organization,
    Right,
)
from lenticular.criteria.types import FUNCTIONS
from lenticular.errors import RuleError, did_you_mean

_SYMBOLS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is None",
    ast.IsNot: "is not None",
}
_FLIPPED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


class Parsed(msgspec.Struct, frozen=True):
    """A tree, and where in the text each of its parts stands, by the part's path (`of/0/left`)."""

    tree: Node
    places: dict[str, str]


def parse(text: str) -> Parsed:
    """Read a rule. Raises RuleError, with the place, for the first thing that can't be read."""
    source = Source(text)
    refuse_early(source)
    reading = Reading(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of odd literals; the reader refuses them itself
            parsed = ast.parse(source.python, mode="eval")
    except SyntaxError as error:
        raise RuleError(reading.syntax(error)) from None
    except (ValueError, RecursionError, MemoryError):
        raise RuleError(too_deep("line 1, column 1")) from None
    try:
        tree = _Conditions(reading).node(parsed.body, "")
    except RecursionError:
        raise RuleError(too_deep("line 1, column 1")) from None
    try:
        check_size(tree)
    except RuleError as error:
        raise RuleError(*(placed(problem, reading.places) for problem in error.problems)) from None
    return Parsed(tree, reading.places)


class _Conditions:
    """Reads the boolean part of a rule; operands and literals have files of their own."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def node(self, at: ast.expr, path: str) -> Node:
        self.reading.note(at, path)
        match at:
            case ast.Constant(value=True):
                return Everyone()
            case ast.BoolOp(op, values):
                parts = tuple(self.node(part, f"{path}/of/{n}") for n, part in enumerate(values))
                return And(parts) if isinstance(op, ast.And) else Or(parts)
            case ast.UnaryOp(ast.Not(), operand):
                return Not(self.node(operand, f"{path}/of"))
            case ast.Compare():
                return self._compare(at, path)
            case ast.Call(ast.Name("segment" | "on_list" as name)):
                key = self._key(at, name)
                return InSegment(key) if name == "segment" else OnList(key)
            case ast.Call(ast.Name("organization")):
                return self._organization(at, path)
            case ast.Call(ast.Name("sequence")):
                return read_sequence(self.reading, at, path, self.node)
            case ast.Call(ast.Attribute(of, "any")):
                return self._any(at, of, path)
            case ast.Call(ast.Attribute(of, name)) if name in METHODS:
                return self._method(at, of, name, path)
        return self._refuse(at, path)

    def _key(self, call: ast.Call, name: str) -> str:
        if self.reading.scope:
            raise self.reading.error(
                call, f"{name}() can't stand inside {self.reading.place_name}.", "Move it outside and join with `and`."
            )
        match call:
            case ast.Call(args=[ast.Constant(value=str(key))], keywords=[]) if key:
                return key
        raise self.reading.error(call, f"{name}() takes one segment's key.", f'Write {name}("the-key").')

    def _organization(self, call: ast.Call, path: str) -> Node:
        if self.reading.scope:
            raise self.reading.error(
                call, f"organization() can't stand inside {self.reading.place_name}.", "Join the two with `and`."
            )
        keywords(self.reading, call, ())
        if not call.args:
            raise self.reading.error(
                call, "organization() needs a condition.", 'Write organization(tier == "gold"), or organization(True).'
            )
        with self.reading.inside("organization"):
            return Organization(tuple(self.node(part, f"{path}/where/{n}") for n, part in enumerate(call.args)))

    def _any(self, call: ast.Call, of: ast.expr, path: str) -> Node:
        match call:
            case ast.Call(args=[condition], keywords=[]):
                pass
            case _:
                raise self.reading.error(
                    call, ".any() takes one condition.", 'Write products.any(category == "shoes" and price > 50).'
                )
        if self.reading.scope == "element":
            raise self.reading.error(call, ".any() can't stand inside .any().", "Flatten the inner list.")
        self.reading.note(of, f"{path}/of")
        field = read_field(self.reading, of)
        with self.reading.inside("element"):
            return AnyOf(field, self.node(condition, f"{path}/where"))

    def _method(self, call: ast.Call, of: ast.expr, name: str, path: str) -> Node:
        if len(call.args) != 1 or call.keywords:
            form = f'.{name}(["a", "b"])' if OPERATORS[name].right == "many" else f'.{name}("a")'
            raise self.reading.error(call, f".{name}() takes one argument.", f"Write {form}.")
        left = self._operand(of, f"{path}/left")
        return Compare(left, name, self._right(call.args[0], name, f"{path}/right"))

    def _compare(self, at: ast.Compare, path: str) -> Node:
        if len(at.ops) == 2:
            return self._between(at, path)
        if len(at.ops) > 2:
            raise self.reading.error(
                at,
                "A chain has at most two comparisons.",
                "Write 18 <= user.age < 26, and join more with `and`.",
            )
        operator, left, right = _SYMBOLS[type(at.ops[0])], at.left, at.comparators[0]
        if operator in ("is None", "is not None"):
            if not (isinstance(right, ast.Constant) and right.value is None):
                raise self.reading.error(
                    right, "`is` only goes with None.", "Write == to compare, or `is None` for unknown."
                )
            return Compare(self._operand(left, f"{path}/left"), operator)
        if literals.is_literal(left) and not literals.is_literal(right):
            if operator not in _FLIPPED:
                raise self.reading.error(
                    at,
                    "A literal can't stand before `in`.",
                    'For a list write user.tags.has("a"); for a text user.name.contains("a").',
                )
            operator, left, right = _FLIPPED[operator], right, left
        operand = self._operand(left, f"{path}/left")
        if isinstance(right, ast.Constant) and right.value is None:
            form = "is None" if operator == "==" else "is not None"
            raise self.reading.error(right, "None is not a value.", f"Write `{form}`.")
        return Compare(operand, operator, self._right(right, operator, f"{path}/right"))

    def _between(self, at: ast.Compare, path: str) -> Node:
        first, second = (_SYMBOLS[type(op)] for op in at.ops)
        low, middle, high = at.left, at.comparators[0], at.comparators[1]
        if first in (">", ">=") and second in (">", ">="):
            first, second, low, high = _FLIPPED[second], _FLIPPED[first], high, low
        if first not in ("<", "<=") or second not in ("<", "<="):
            raise self.reading.error(
                at, "A chain goes one way.", "Write 18 <= user.age < 26, or join two conditions with `and`."
            )
        operand = self._operand(middle, f"{path}/of")
        return Between(
            operand,
            self._right(low, first, f"{path}/low"),
            self._right(high, second, f"{path}/high"),
            low_open=first == "<",
            high_open=second == "<",
        )

    def _operand(self, at: ast.expr, path: str) -> Operand:
        return read_operand(self.reading, at, path, self.node)

    def _right(self, at: ast.expr, operator: str, path: str) -> Right:
        self.reading.note(at, path)
        return literals.read(self.reading, at, many=OPERATORS[operator].right == "many")

    def _refuse(self, at: ast.expr, path: str) -> NoReturn:
        match at:
            case ast.Constant(value=False):
                raise self.reading.error(at, "False would be nobody.", "Write `not True` if you mean that.")
            case ast.Call(ast.Attribute(_, name)):
                hint = did_you_mean(name, METHODS)
                operand = read_operand(self.reading, at, path, self.node)
                raise self.reading.error(
                    at, "This is a value, not a condition.", hint or f"Compare it: {_example(operand)}."
                )
            case ast.Constant() | ast.List() | ast.Tuple():
                example = 'category == "shoes"' if self.reading.scope else 'user.plan == "pro"'
                raise self.reading.error(
                    at, "A literal alone is not a condition.", f"Compare a property with it: {example}."
                )
        operand = read_operand(self.reading, at, path, self.node)
        raise self.reading.error(at, "This is a value, not a condition.", f"Compare it: {_example(operand)}.")


def _example(operand: Operand) -> str:
    text = operand_text(operand)
    if isinstance(operand, Field):
        return f"{text} == True, or {text} is not None"
    kind = MEASURES[operand.measure].gives if isinstance(operand, Behaviour) else FUNCTIONS[operand.function][1]
    examples = {"number": " >= 1", "datetime": ' > ago("30d")'}
    return text + (examples.get(kind, ' == "a"') if kind else ' == "a"')
