"""Read the left side of a condition: a property, a behaviour, or a function of one."""

from __future__ import annotations

import ast

from lenticular.criteria.measures import MEASURES
from lenticular.criteria.operators import METHODS
from lenticular.criteria.text import literals
from lenticular.criteria.text.behaviours import known_function, read_behaviour
from lenticular.criteria.text.fields import read_field
from lenticular.criteria.text.reading import Reading, ReadNode
from lenticular.criteria.tree import Behaviour, Call, Field, Operand
from lenticular.criteria.types import FUNCTIONS, NEEDS_NOW
from lenticular.errors import did_you_mean

_CONDITIONS = {
    "segment": "segment() is a condition by itself.",
    "sequence": "sequence() is a condition by itself.",
    "organization": "organization() is a condition by itself.",
    "on_list": "on_list() is a condition by itself.",
}


def read_operand(reading: Reading, at: ast.expr, path: str, read_node: ReadNode) -> Operand:
    """Read a left side. Raises RuleError."""
    reading.note(at, path)
    match at:
        case ast.Call(ast.Name(name)):
            if name in MEASURES:
                return read_behaviour(reading, at, name, path, read_node)
            if name in literals.TIME_FUNCTIONS:
                raise reading.error(at, f"{name}() belongs on the right side.", 'Write user.since < ago("30d").')
            if name in _CONDITIONS:
                raise reading.error(at, _CONDITIONS[name], "Don't compare it; negate it with `not`.")
            if name == "event":
                raise reading.error(at, "event() belongs inside sequence().", 'Write count("A") >= 1 for one event.')
            raise reading.error(at, f"There is no function {name}().", known_function(name))
        case ast.Call(ast.Attribute(of, name)):
            return _call(reading, at, of, name, path, read_node)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return read_field(reading, at)
        case ast.Constant() | ast.List():
            raise reading.error(at, "A property goes on the left.", 'Write user.plan == "pro".')
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
            raise reading.error(at, "A condition can't be compared.", "Join conditions with `and`, `or`, `not`.")
        case ast.BinOp():
            hint = "Store the result as a property and compare that."
            if "today()" in ast.unparse(at):
                hint = 'For how long ago write last_time("A") < ago("30d"), or user.since < ago("30d").'
            raise reading.error(at, "Rules don't calculate.", hint)
    raise reading.error(at, "This can't be part of a rule.", 'A condition looks like user.plan == "pro".')


def _call(reading: Reading, at: ast.Call, of: ast.expr, name: str, path: str, read_node: ReadNode) -> Call:
    if name not in FUNCTIONS:
        known = (*FUNCTIONS, *METHODS, "any")
        if name in METHODS or name == "any":
            raise reading.error(at, f".{name}() is a condition by itself.", "Don't compare it; negate it with `not`.")
        raise reading.error(at, f"There is no .{name}().", did_you_mean(name, known) or f"Known: {', '.join(known)}.")
    if at.args or at.keywords:
        raise reading.error(at, f".{name}() takes nothing.", f"Write .{name}().")
    if reading.timeless and name in NEEDS_NOW:
        raise reading.error(
            at,
            f".{name}() depends on the current day, which a filter can't read.",
            "Use a property of the user instead.",
        )
    source = _source(reading, of, f"{path}/of", read_node)
    return Call(name, source)


def _source(reading: Reading, of: ast.expr, path: str, read_node: ReadNode) -> Field | Behaviour:
    source = read_operand(reading, of, path, read_node)
    if isinstance(source, Call):
        raise reading.error(of, "Functions can't be chained.", "Use one: .lower() or .age() …")
    return source
