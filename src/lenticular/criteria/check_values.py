"""Check an operator against the type of its left side, and the right side against both."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from lenticular.criteria.calendar import WEEKDAYS
from lenticular.criteria.duration import HINT, parse_duration
from lenticular.criteria.measures import MEASURES
from lenticular.criteria.operators import OPERATORS, Operator
from lenticular.criteria.text.literals import is_day, is_instant, is_storable
from lenticular.criteria.text.print import operand_text, right_text
from lenticular.criteria.tree import Ago, Ahead, Behaviour, Call, Date, Datetime, Field, Operand, Right
from lenticular.criteria.types import FUNCTIONS, Schema, literal_type, operand_type
from lenticular.errors import Problem


def check_condition(
    left: Operand, operator: str, right: Right, path: str, right_path: str, schema: Schema
) -> Iterator[Problem]:
    """Check the operator against the left side's type, and the right side against both."""
    row = OPERATORS[operator]
    malformed = _right_form(row.right, right, right_path)
    if malformed:
        yield malformed
        return
    if isinstance(left, Call) and left.function not in FUNCTIONS:
        return
    kind = operand_type(left, right, operator, schema)
    text = operand_text(left)
    if kind not in row.takes:
        works = [_written(name) for name, other in OPERATORS.items() if kind in other.takes]
        yield Problem(
            "rule.type",
            f"{text} is {a_type(kind)}; {_written(operator)} is not for it.",
            place=path,
            hint=f"It has {', '.join([*works, *_PARTS.get(kind, ())])}.",
        )
        return
    if row.right == "none":
        if isinstance(left, Behaviour) and MEASURES[left.measure].counts:
            what = f"{left.measure}() is always known; over nothing it is 0."
            yield Problem("rule.type", what, path, f"Write {text} == 0, or >= 1.")
        return
    yield from _value(left, kind, row, right, right_path)


def _value(left: Operand, kind: str, row: Operator, right: Right, path: str) -> Iterator[Problem]:
    """Check a right side against the type that the left side has."""
    given = "list" if kind == "list" and _is_text(right) else literal_type(right, "==")
    if given != kind and not {given, kind} <= {"date", "datetime"}:
        yield Problem(
            "rule.type",
            f"{operand_text(left)} is {a_type(kind)}, {right_text(right)} is {a_type(literal_type(right, '=='))}.",
            place=path,
            hint=_text_hint(left, right) if kind == "text" else _right_hint(kind),
        )
    elif _is_weekday(left) and row.name in ("==", "!=", "in", "not in"):
        yield from _weekdays(right, path)
    elif row.name == "matches" and isinstance(right, str) and (reason := bad_pattern(right)):
        yield Problem(
            "rule.pattern",
            f"{right_text(right)} is not a pattern: {reason}.",
            place=path,
            hint="Patterns are those of RE2: no look-around, no back-references.",
        )


_PARTS = {"objects": (".any(condition)", ".size()")}


def _is_weekday(left: Operand) -> bool:
    return left == Field("session", "local_weekday") or (isinstance(left, Call) and left.function == "weekday")


def _weekdays(right: Right, path: str) -> Iterator[Problem]:
    for name in right if isinstance(right, tuple) else (right,):
        if name not in WEEKDAYS:
            yield Problem(
                "rule.weekday", f"{right_text(name)} is not a weekday.", path, f"Write one of {', '.join(WEEKDAYS)}."
            )


def _written(operator: str) -> str:
    return f".{operator}()" if OPERATORS[operator].method else operator


def _right_form(form: str, right: Right, path: str) -> Problem | None:
    """Check what only a JSON form can get wrong: the reader of the text form refuses it with a better place."""
    if form == "none":
        return Problem("rule.right", "This operator takes nothing.", place=path) if right is not None else None
    if right is None:
        return Problem("rule.right", "A value is missing.", place=path)
    if isinstance(right, tuple) != (form == "many"):
        return Problem("rule.right", "A list is needed." if form == "many" else "One value is needed.", place=path)
    if isinstance(right, tuple):
        if not right or len({isinstance(member, str) for member in right}) > 1:
            return Problem("rule.right", "A list needs members of one kind.", place=path)
        if any(isinstance(member, str) and not is_storable(member) for member in right):
            return Problem("rule.right", "A text holds a character that no data can have.", place=path)
    if isinstance(right, str) and not is_storable(right):
        return Problem("rule.right", "The text holds a character that no data can have.", place=path)
    return moment_form(right, path)


def moment_form(right: Right | Date | Datetime, path: str) -> Problem | None:
    """Return what is wrong with a day, an instant or a duration; None for any other right side."""
    match right:
        case Date(day) if not is_day(day):
            return Problem("rule.date", f"{day!r} is not a day.", place=path, hint="Write YYYY-MM-DD.")
        case Datetime(at) if not is_instant(at):
            return Problem("rule.date", f"{at!r} is not an instant with its offset.", place=path)
        case Ago(text) | Ahead(text) if parse_duration(text) is None:
            return Problem("rule.duration", f"{text!r} is not a duration.", place=path, hint=HINT)
    return None


def a_type(kind: str) -> str:
    """Return a type with its article."""
    return {"list": "a list of texts", "objects": "a list of objects"}.get(kind, f"a {kind}")


def _is_text(right: Right) -> bool:
    return all(isinstance(member, str) for member in right) if isinstance(right, tuple) else isinstance(right, str)


def _text_hint(left: Operand, right: Right) -> str:
    if _is_weekday(left):
        return f'Write one of {", ".join(WEEKDAYS)}: == "mon".'
    shown = right_text(right) if isinstance(right, bool | int | float) else "pro"
    return f'Put it in quotes: "{shown}".'


def _right_hint(kind: str) -> str:
    return {
        "text": 'Put it in quotes: "pro".',
        "number": "Write a number without quotes.",
        "boolean": "Write True or False.",
        "date": 'Write date("2026-01-31").',
        "datetime": 'Write datetime("2026-01-31T12:00Z"), date("2026-01-31") or ago("7d").',
        "list": 'Write .has("a") or .has_any(["a", "b"]).',
    }.get(kind, "")


def pattern(text: str) -> re2._Regexp:
    """Compile a regular expression as both engines do: RE2, `.` matches a line break too. Raises re2.error."""
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    options.max_mem = 1 << 20
    return re2.compile(text, options)


def bad_pattern(text: str) -> str:
    """Return what is wrong with a regular expression, or an empty text."""
    try:
        pattern(text)
    except re2.error as error:
        raw = error.args[0] if error.args else "it can't be read"
        return raw.decode() if isinstance(raw, bytes) else str(raw)
    return ""
