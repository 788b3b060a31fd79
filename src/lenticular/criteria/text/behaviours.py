"""Read behaviours: `count("A", …)` and the other measures, `sequence(event("A"), …)`."""

from __future__ import annotations

import ast

from lenticular.criteria.measures import MEASURES
from lenticular.criteria.text import literals
from lenticular.criteria.text.fields import read_field
from lenticular.criteria.text.reading import Reading, ReadNode
from lenticular.criteria.text.windows import WINDOW_KEYWORDS, keywords, read_every, read_span, read_window
from lenticular.criteria.tree import Behaviour, Field, Node, Sequence, Step
from lenticular.errors import did_you_mean

MAX_STEPS = 16


def read_behaviour(reading: Reading, call: ast.Call, name: str, path: str, read_node: ReadNode) -> Behaviour:
    """Read a measure over events. Raises RuleError."""
    _refuse_inside(reading, call)
    event, rest = _event_name(reading, call, name)
    row = MEASURES[name]
    known = (*WINDOW_KEYWORDS, "every") if name == "periods" else WINDOW_KEYWORDS
    given = keywords(reading, call, known)
    field = None
    with reading.inside("event"):
        if row.takes:
            if not rest:
                raise reading.error(call, f"{name}() needs a field to look at.", _field_form(name))
            field, rest = _field(reading, rest[0], name, path), rest[1:]
        elif rest and isinstance(rest[0], ast.Name | ast.Attribute | ast.Subscript):
            shown = ast.unparse(rest[0])
            hint = f'Compare it: {shown} > 5, or {shown} is not None. To add it up write sum("{event}", {shown}) > 100.'
            raise reading.error(rest[0], f"{name}() looks at no field.", hint)
        where = _filters(reading, rest, path, read_node)
    if name == "periods" and "every" not in given:
        raise reading.error(call, "periods() needs every=.", 'Write periods("Signed In", every="1d") >= 10.')
    every = read_every(reading, given["every"]) if "every" in given else None
    return Behaviour(name, event, field, where, read_window(reading, given), every)


def read_sequence(reading: Reading, call: ast.Call, path: str, read_node: ReadNode) -> Sequence:
    """Read a sequence of events. Raises RuleError."""
    _refuse_inside(reading, call)
    given = keywords(reading, call, (*WINDOW_KEYWORDS, "without", "span"))
    if not call.args:
        raise reading.error(call, "sequence() needs its steps.", _SEQUENCE)
    if len(call.args) > MAX_STEPS:
        raise reading.error(call, f"A sequence has at most {MAX_STEPS} steps.", "Leave some out.")
    steps = tuple(_step(reading, at, f"{path}/steps/{n}", read_node) for n, at in enumerate(call.args))
    without = given.get("without")
    return Sequence(
        steps,
        _step(reading, without.value, f"{path}/without", read_node) if without else None,
        read_span(reading, given["span"]) if "span" in given else None,
        read_window(reading, given),
    )


_SEQUENCE = 'Write sequence(event("Product Viewed"), event("Cart Added"), within="30d").'


def _step(reading: Reading, at: ast.expr, path: str, read_node: ReadNode) -> Step:
    reading.note(at, path)
    match at:
        case ast.Call(ast.Name("event")):
            keywords(reading, at, ())
            event, rest = _event_name(reading, at, "event")
            with reading.inside("event"):
                return Step(event, _filters(reading, rest, path, read_node))
        case ast.Constant(value=str(name)):
            raise reading.error(at, "A step is written event(…).", f'Write event("{name}").')
    raise reading.error(at, "A step is written event(…).", _SEQUENCE)


def _refuse_inside(reading: Reading, call: ast.Call) -> None:
    if reading.scope:
        raise reading.error(call, f"A behaviour can't stand inside {reading.place_name}.", "Join the two with `and`.")


def _event_name(reading: Reading, call: ast.Call, name: str) -> tuple[str, list[ast.expr]]:
    match call.args:
        case [ast.Constant(value=str(event)), *rest] if event and literals.is_storable(event):
            return event, rest
    raise reading.error(call, f"{name}() starts with the event's name in quotes.", f"Write {_EXAMPLES[name]}.")


def _filters(reading: Reading, parts: list[ast.expr], path: str, read_node: ReadNode) -> tuple[Node, ...]:
    return tuple(read_node(part, f"{path}/where/{n}") for n, part in enumerate(parts))


def _field(reading: Reading, at: ast.expr, name: str, path: str) -> Field:
    match at:
        case ast.Attribute(ast.Name("user" | "session" as scope)):
            hint = f"Compare {scope}.{at.attr} by itself and join the two with `and`."
            raise reading.error(at, f"{name}() looks at a field of the event, not at {scope}.{at.attr}.", hint)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            reading.note(at, f"{path}/field")
            return read_field(reading, at)
    hint = _field_form(name)
    match at:
        case ast.Constant(value=str(text)) if text.isidentifier():
            hint = f"Write the field without quotes: {text}."
        case ast.Call(ast.Attribute(of, _)) if isinstance(of, ast.Name | ast.Attribute):
            hint = f"Write {ast.unparse(of)}; functions come after {name}(…)."
    raise reading.error(at, f"{name}() looks at a field of the event.", hint)


def _field_form(name: str) -> str:
    return f"Write {_EXAMPLES[name]}."


_EXAMPLES = {
    "event": 'event("Cart Added")',
    "count": 'count("Order Completed") >= 1',
    "sum": 'sum("Order Completed", revenue) > 500',
    "avg": 'avg("Order Completed", revenue) > 50',
    "min": 'min("Order Completed", revenue) > 5',
    "max": 'max("Order Completed", revenue) > 100',
    "distinct": 'distinct("Product Viewed", category) >= 3',
    "first_time": 'first_time("Signed In") < ago("1y")',
    "last_time": 'last_time("Signed In") < ago("30d")',
    "first_value": 'first_value("Product Viewed", category) == "shoes"',
    "last_value": 'last_value("Product Viewed", category) == "shoes"',
    "periods": 'periods("Signed In", every="1d") >= 10',
}


def known_function(name: str) -> str:
    """Return the hint for a function that does not exist."""
    functions = ("segment", "organization", "sequence", "on_list", *MEASURES)
    return did_you_mean(name, functions) or (
        "Conditions start with user., session., count(, sequence(, organization( or segment(."
    )
