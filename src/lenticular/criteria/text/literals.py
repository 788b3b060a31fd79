"""Read the right side of a condition: a literal, a list of literals, or a time function."""

from __future__ import annotations

import ast
import math
from datetime import date, datetime

from lenticular.criteria.duration import HINT, parse_duration
from lenticular.criteria.measures import MEASURES
from lenticular.criteria.text.reading import Reading
from lenticular.criteria.tree import Ago, Ahead, Date, Datetime, Right, Today
from lenticular.errors import did_you_mean

TIME_FUNCTIONS = ("date", "datetime", "ago", "ahead", "today")
_SAFE_INTEGER = 2**53


def is_literal(at: ast.expr) -> bool:
    """Return whether a part is written as a right side is."""
    match at:
        case ast.Constant() | ast.List() | ast.Tuple():
            return True
        case ast.UnaryOp(ast.USub() | ast.UAdd(), operand):
            return is_literal(operand)
        case ast.Call(ast.Name(name)):
            return name in TIME_FUNCTIONS
    return False


def read(reading: Reading, at: ast.expr, many: bool) -> Right:
    """Read a right side. Raises RuleError."""
    if many:
        if not isinstance(at, ast.List | ast.Tuple):
            raise reading.error(at, "A list is needed here.", 'Write ["a", "b"].')
        if not at.elts:
            raise reading.error(at, "The list is empty, so nothing would match.", 'Write ["a", "b"].')
        members = tuple(_member(reading, member) for member in at.elts)
        if len({isinstance(member, str) for member in members}) > 1:
            raise reading.error(at, "The list mixes texts and numbers.", "Write one kind in one list.")
        return members
    match at:
        case ast.List() | ast.Tuple():
            raise reading.error(at, "One value is needed here, not a list.", "Write `in [...]` for any of several.")
        case ast.Call(ast.Name(name)) if name in TIME_FUNCTIONS:
            return _moment(reading, at, name)
        case ast.Constant(value=bool(value)):
            return value
    return _plain(reading, at)


def _plain(reading: Reading, at: ast.expr) -> str | int | float:
    match at:
        case ast.Constant(value=str(value)):
            if not is_storable(value):
                raise reading.error(at, "This text holds a character that no data can have.", "Take it out.")
            return value
        case ast.Constant(value=int(value) | float(value)) if not isinstance(value, bool):
            return _number(reading, at, value)
        case ast.UnaryOp(ast.USub(), ast.Constant(value=int(value) | float(value))):
            return _number(reading, at, -value)
        case ast.UnaryOp(ast.UAdd(), ast.Constant(value=int(value) | float(value))):
            return _number(reading, at, value)
        case ast.Name(name):
            raise reading.error(
                at, f"{name} is not a literal.", _WORDS.get(name.lower()) or f'Write "{name}" in quotes.'
            )
        case ast.Attribute() | ast.Subscript() | ast.Call(ast.Attribute()):
            raise reading.error(
                at,
                "A property can't be compared with another property.",
                'The right side is a literal: a text in quotes ("pro"), a list [...], date("..."), ago("7d").',
            )
        case ast.Constant(value=None):
            raise reading.error(at, "None is not a value.", "Write `is None` or `is not None`.")
        case ast.BinOp():
            raise reading.error(at, "Rules don't calculate.", "Write the result.")
        case ast.Call(ast.Name(name)) if name in MEASURES or name in ("segment", "sequence", "organization"):
            raise reading.error(
                at, f"{name}() can't stand on the right.", 'Compare it with a literal: count("A") >= 1.'
            )
        case ast.Call(ast.Name(name)):
            hint = did_you_mean(name, TIME_FUNCTIONS) or 'Write today(), ago("7d"), ahead("30d") or date("2026-01-31").'
            raise reading.error(at, f"{name}() is not a literal.", hint)
    raise reading.error(at, "This is not a literal.", 'Write a text in quotes, a number, True, or date("2026-01-31").')


def _member(reading: Reading, at: ast.expr) -> str | int | float:
    match at:
        case ast.Constant(value=bool()) | ast.List() | ast.Tuple() | ast.Call(ast.Name()):
            raise reading.error(at, "A list holds texts or numbers.", "Join several conditions with `or` instead.")
    return _plain(reading, at)


_WORDS = {
    **dict.fromkeys(("true", "false"), "Write True or False."),
    **dict.fromkeys(("null", "none", "nil", "undefined"), "Write `is None` or `is not None`."),
}


def _number(reading: Reading, at: ast.expr, value: int | float) -> int | float:
    """Numbers are 64-bit floats in both engines; an integer that fits one stays written as an integer."""
    try:
        as_float = float(value)
    except OverflowError:
        as_float = math.inf
    if not math.isfinite(as_float):
        raise reading.error(at, "Numbers must be finite.", "The largest is about 1.8e308.")
    if as_float == 0:
        return 0 if isinstance(value, int) else 0.0
    return value if isinstance(value, int) and abs(value) <= _SAFE_INTEGER else as_float


def _moment(reading: Reading, call: ast.Call, name: str) -> Date | Datetime | Ago | Ahead | Today:
    if name == "today":
        if call.args or call.keywords:
            raise reading.error(call, "today() takes nothing.", "Write today().")
        return Today()
    match call:
        case ast.Call(args=[ast.Constant(value=str(text))], keywords=[]):
            pass
        case _:
            raise reading.error(call, f"{name}() takes one text.", _FORMS[name])
    if name in ("ago", "ahead"):
        if parse_duration(text) is None:
            raise reading.error(call.args[0], f"{text!r} is not a duration.", HINT)
        return Ago(text) if name == "ago" else Ahead(text)
    return (
        date_literal(reading, call.args[0], text) if name == "date" else datetime_literal(reading, call.args[0], text)
    )


_FORMS = {
    "date": 'Write date("2026-01-31").',
    "datetime": 'Write datetime("2026-01-31T12:00Z").',
    "ago": 'Write ago("7d").',
    "ahead": 'Write ahead("30d").',
}


def date_literal(reading: Reading, at: ast.expr, text: str) -> Date:
    """Read the text of a `date("...")`. Raises RuleError."""
    if not is_day(text):
        raise reading.error(at, f"{text!r} is not a day.", _FORMS["date"])
    return Date(text)


def datetime_literal(reading: Reading, at: ast.expr, text: str) -> Datetime:
    """Read the text of a `datetime("...")`. Raises RuleError."""
    if not is_instant(text):
        raise reading.error(at, f"{text!r} is not an instant with its offset.", _FORMS["datetime"])
    return Datetime(text)


def is_storable(text: str) -> bool:
    """Return whether every store can hold a text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def is_day(text: str) -> bool:
    """Return whether a text is a real calendar day, `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_instant(text: str) -> bool:
    """Return whether a text is an ISO 8601 date and time with `Z` or an offset."""
    try:
        return "T" in text and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
