"""Read the left side of a condition: a property, a function of it, or a behaviour."""

from __future__ import annotations

import ast
from typing import Any, cast

from lenticular.criteria.duration import HINT, is_empty_span, parse_duration
from lenticular.criteria.operators import METHODS
from lenticular.criteria.text import literals
from lenticular.criteria.text.reading import Reading, ReadNode
from lenticular.criteria.tree import Call, Count, Date, Datetime, Field, Scope, Window
from lenticular.criteria.types import FUNCTIONS, NEEDS_NOW
from lenticular.errors import did_you_mean

SCOPES = ("user", "session")
MEASURES = ("count",)
NAMED_WINDOWS = ("today", "week", "month", "session")
_KEYWORDS = ("within", "after", "before")
_CONDITION_FUNCTIONS = ("segment", *MEASURES)
_FILTER_ONLY = dict.fromkeys(
    ("context", "field"), 'That belongs inside count(…): count("Page Viewed", context.path == "/") >= 1.'
)


def read_operand(reading: Reading, at: ast.expr, path: str, read_node: ReadNode) -> Field | Call | Count:
    """Read a left side. Raises RuleError."""
    reading.note(at, path)
    match at:
        case ast.Call(ast.Name(name)):
            if name in MEASURES:
                return _count(reading, at, path, read_node)
            if name in literals.TIME_FUNCTIONS:
                raise reading.error(at, f"{name}() belongs on the right side.", 'Write user.since < ago("30d").')
            if name == "segment":
                raise reading.error(
                    at, "segment() is a condition by itself.", "Don't compare it; negate it with `not`."
                )
            raise reading.error(
                at,
                f"There is no function {name}().",
                did_you_mean(name, _CONDITION_FUNCTIONS)
                or "Conditions start with user., session., count( or segment(.",
            )
        case ast.Call(ast.Attribute(of, name)):
            return _call(reading, at, of, name)
        case ast.Name() | ast.Attribute() | ast.Subscript():
            return _field(reading, at)
        case ast.Constant() | ast.List():
            raise reading.error(at, "A property goes on the left.", 'Write user.plan == "pro".')
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
            raise reading.error(at, "A condition can't be compared.", "Join conditions with `and`, `or`, `not`.")
        case ast.BinOp():
            raise reading.error(at, "Rules don't calculate.", "Store the result as a property and compare that.")
    raise reading.error(at, "This can't be part of a rule.", 'A condition looks like user.plan == "pro".')


def _field(reading: Reading, at: ast.expr) -> Field:
    names: list[str] = []
    part = at
    while True:
        match part:
            case ast.Attribute(value, name):
                names.append(name)
                part = value
            case ast.Subscript(value, ast.Constant(value=str(name))) if name:
                names.append(name)
                part = value
            case ast.Subscript():
                raise reading.error(part, "Brackets take a name in quotes.", 'Write user["any name"].')
            case ast.Name(name):
                names.append(name)
                break
            case ast.Call(ast.Attribute(_, name)):
                raise reading.error(at, f".{name}() gives a value that has no parts.", "Calls come last.")
            case _:
                raise reading.error(part, "A property goes here.", 'Write user.plan or user["any name"].')
    root, *rest = reversed(names)
    name = ".".join(rest)
    if reading.in_filter:
        return _event_field(reading, at, root, name)
    if root not in SCOPES:
        hint = did_you_mean(root, SCOPES) or _FILTER_ONLY.get(root)
        raise reading.error(
            at,
            f"{root!r} is unknown here.",
            hint or f"A property starts with user. or session.: user.{'.'.join([root, *rest])}",
        )
    if not name:
        raise reading.error(at, f"{root} alone is not a property.", f"Write {root}.some_property.")
    return Field(cast(Scope, root), name)


def _event_field(reading: Reading, at: ast.expr, root: str, name: str) -> Field:
    bare = isinstance(at, ast.Name)
    if root in ("context", "field") and not bare:
        return Field("context" if root == "context" else "event", name)
    if root in SCOPES and not bare:
        raise reading.error(
            at,
            f"A filter reads only the event's own fields, not {root}.{name}.",
            f"Move `{root}.{name} ...` outside and join it with `and`.",
        )
    return Field("event", f"{root}.{name}" if name else root)


def _call(reading: Reading, at: ast.Call, of: ast.expr, name: str) -> Call:
    if name not in FUNCTIONS:
        known = (*FUNCTIONS, *METHODS)
        if name in METHODS:
            raise reading.error(at, f".{name}() is a condition by itself.", "Don't compare it; negate it with `not`.")
        raise reading.error(at, f"There is no .{name}().", did_you_mean(name, known) or f"Known: {', '.join(known)}.")
    if at.args or at.keywords:
        raise reading.error(at, f".{name}() takes nothing.", f"Write .{name}().")
    if reading.in_filter and name in NEEDS_NOW:
        raise reading.error(
            at,
            f".{name}() depends on the current day, which a filter can't read.",
            "Use a property of the user instead.",
        )
    if isinstance(of, ast.Call):
        raise reading.error(at, "Functions can't be chained.", "Use one: .lower() or .age() …")
    return Call(name, _field(reading, of))


def _count(reading: Reading, call: ast.Call, path: str, read_node: ReadNode) -> Count:
    if reading.in_filter:
        raise reading.error(call, "A behaviour can't stand inside a behaviour.", "Join the two with `and`.")
    match call.args:
        case [ast.Constant(value=str(event)), *filters] if event and literals.is_storable(event):
            pass
        case _:
            raise reading.error(
                call,
                "count() starts with the event's name in quotes.",
                'Write count("Order Completed") >= 1.',
            )
    reading.in_filter = True
    try:
        where = tuple(read_node(part, f"{path}/where/{n}") for n, part in enumerate(filters))
    finally:
        reading.in_filter = False
    return Count(event, where, _window(reading, call))


def _window(reading: Reading, call: ast.Call) -> Window:
    parts: dict[str, Any] = {}
    for keyword in call.keywords:
        name = keyword.arg
        if name not in _KEYWORDS:
            if name is None:
                raise reading.error(keyword, "`**` is not a sign of rules.", "Write the conditions one by one.")
            near = did_you_mean(name, _KEYWORDS)
            raise reading.error(
                keyword, f"There is no {name}= here.", near or f"A filter compares with two: {name} == 5."
            )
        if name in parts:
            raise reading.error(keyword, f"{name}= stands twice.", "Write it once.")
        parts[name] = _within(reading, keyword) if name == "within" else _edge(reading, keyword)
    return Window(**parts)


def _within(reading: Reading, keyword: ast.keyword) -> str | tuple[str, str]:
    match keyword.value:
        case ast.Constant(value=str(text)):
            if text in NAMED_WINDOWS or parse_duration(text):
                return text
            raise reading.error(
                keyword,
                f"{text!r} is not a window.",
                did_you_mean(text, NAMED_WINDOWS) or f'{HINT} Or "today", "week", "month", "session".',
            )
        case ast.Tuple([ast.Constant(value=str(start)), ast.Constant(value=str(end))]):
            return _span(reading, keyword, start, end)
    raise reading.error(keyword, "within= takes a duration or two.", 'Write within="7d" or within=("60d", "30d").')


def _span(reading: Reading, keyword: ast.keyword, start: str, end: str) -> tuple[str, str]:
    for text in (start, end):
        if parse_duration(text) is None:
            raise reading.error(keyword, f"{text!r} is not a duration.", HINT)
    if is_empty_span(start, end):
        turned = f'The longer duration comes first: within=("{end}", "{start}").'
        hint = "Its two durations must differ." if start == end else turned
        raise reading.error(keyword, "The span is empty.", hint)
    return start, end


def _edge(reading: Reading, keyword: ast.keyword) -> Date | Datetime:
    match keyword.value:
        case ast.Call(ast.Name("date"), [ast.Constant(value=str(text))], []):
            return literals.date_literal(reading, keyword.value, text)
        case ast.Call(ast.Name("datetime"), [ast.Constant(value=str(text))], []):
            return literals.datetime_literal(reading, keyword.value, text)
    raise reading.error(
        keyword, f"{keyword.arg}= takes a day or an instant.", f'Write {keyword.arg}=date("2026-01-31").'
    )
