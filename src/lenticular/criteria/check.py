"""Check a tree against a site's properties: every problem, with its path, its reason and the form that works."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import re2

from lenticular.criteria.calendar import WEEKDAYS
from lenticular.criteria.duration import HINT, is_empty_span, parse_duration
from lenticular.criteria.limits import check_size
from lenticular.criteria.operators import OPERATORS, Operator
from lenticular.criteria.text.literals import is_day, is_instant, is_storable
from lenticular.criteria.text.print import operand_text, right_text
from lenticular.criteria.tree import (
    Ago,
    Ahead,
    Between,
    Call,
    Compare,
    Count,
    Date,
    Datetime,
    Field,
    InSegment,
    Node,
    Operand,
    Right,
    Today,
    children,
)
from lenticular.criteria.types import FUNCTIONS, NEEDS_NOW, Schema, literal_type, operand_type
from lenticular.errors import Problem, did_you_mean, nearest

_NAMED = ("today", "week", "month", "session")


def check(tree: Node, schema: Schema, segments: Collection[str] = ()) -> list[Problem]:
    """Return every problem of a tree, its place given as a path such as `/of/0/left`. An empty list means it works."""
    check_size(tree)
    problems: list[Problem] = []
    waiting: list[tuple[str, Node, bool]] = [("", tree, False)]
    while waiting:
        path, node, filtering = waiting.pop()
        match node:
            case InSegment(key) if filtering or key not in segments:
                problems.append(_segment(key, path, filtering, segments))
            case Compare(left, operator, right):
                problems += _compare(left, operator, right, path, schema, filtering)
            case Between(of, low, high):
                for end, value in (("low", low), ("high", high)):
                    if filtering and isinstance(value, Ago | Ahead | Today):
                        problems.append(_needs_now(value, f"{path}/{end}"))
                    problems += _condition(of, "<=", value, path, f"{path}/{end}", schema)
                problems += _operand(of, f"{path}/of", schema, filtering)
        within = filtering or isinstance(node, Compare | Between)
        waiting.extend((f"{path}/{step}", part, within) for step, part in reversed(children(node)))
    return list(dict.fromkeys(problems))


def _segment(key: str, path: str, filtering: bool, segments: Collection[str]) -> Problem:
    if filtering:
        return Problem(
            "rule.filter",
            "A filter can't ask for a segment.",
            place=path,
            hint="Move it outside and join it with `and`.",
        )
    known = f"Known segments: {', '.join(sorted(segments)[:8])}." if segments else "There are no segments yet."
    return Problem(
        "rule.segment", f"There is no segment {key!r}.", place=path, hint=did_you_mean(key, segments) or known
    )


def _compare(
    left: Operand, operator: str, right: Right, path: str, schema: Schema, filtering: bool
) -> Iterator[Problem]:
    row = OPERATORS.get(operator)
    if row is None:
        hint = did_you_mean(operator, OPERATORS) or f"Known: {', '.join(OPERATORS)}."
        yield Problem("rule.operator", f"There is no operator {operator!r}.", place=path, hint=hint)
        return
    problems = list(_operand(left, f"{path}/left", schema, filtering))
    if filtering and isinstance(right, Ago | Ahead | Today):
        problems.append(_needs_now(right, f"{path}/right"))
    yield from problems
    if not problems:
        yield from _condition(left, operator, right, path, f"{path}/right", schema)


def _needs_now(value: Right, path: str) -> Problem:
    return Problem(
        "rule.filter",
        f"{right_text(value)} depends on the current moment, which a filter can't read.",
        place=path,
        hint='Say when the event happened with within="7d", after= or before=.',
    )


def _operand(operand: Operand, path: str, schema: Schema, filtering: bool) -> Iterator[Problem]:
    match operand:
        case Count():
            yield from _count(operand, path, filtering)
            return
        case Call(function):
            if function not in FUNCTIONS:
                yield Problem(
                    "rule.function",
                    f"There is no .{function}().",
                    place=path,
                    hint=did_you_mean(function, FUNCTIONS) or f"Known: {', '.join(FUNCTIONS)}.",
                )
                return
            if filtering and function in NEEDS_NOW:
                yield Problem(
                    "rule.filter",
                    f".{function}() depends on the current day, which a filter can't read.",
                    place=path,
                    hint="Use a property of the user instead.",
                )
    field = operand.of if isinstance(operand, Call) else operand
    yield from _field(field, path, schema, filtering)
    known = schema.type_of(field)
    if isinstance(operand, Call) and known and known not in FUNCTIONS[operand.function][0]:
        takes = " or ".join(sorted(FUNCTIONS[operand.function][0]))
        yield Problem(
            "rule.type",
            f"{operand_text(field)} is {_a(known)}; .{operand.function}() is for {takes}.",
            place=path,
            hint=_functions_for(known),
        )


def _functions_for(kind: str) -> str:
    names = [name for name, (takes, _) in FUNCTIONS.items() if kind in takes]
    found = ", ".join(f".{name}()" for name in names)
    return f"{_a(kind).capitalize()} has {found}." if names else f"{_a(kind).capitalize()} is compared as it is."


def _a(kind: str) -> str:
    return {"list": "a list of texts", "objects": "a list of objects"}.get(kind, f"a {kind}")


def _field(field: Field, path: str, schema: Schema, filtering: bool) -> Iterator[Problem]:
    if filtering != (field.scope in ("event", "context")):
        yield Problem("rule.filter", f"{operand_text(field)} can't be read here.", place=path)
        return
    if field.scope == "event" or schema.open or schema.type_of(field):
        return
    known = schema.names(field.scope)
    near = nearest(field.name, known) or known[:8]
    shown = (" or " if nearest(field.name, known) else ", ").join(operand_text(Field(field.scope, one)) for one in near)
    hint = f"Did you mean {shown}?" if nearest(field.name, known) else f"Known: {shown}."
    yield Problem(
        "rule.property",
        f"There is no property {operand_text(field)}.",
        place=path,
        hint=hint if known else "No data has come in yet.",
    )


def _condition(
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
            f"{text} is {_a(kind)}; {_written(operator)} is not for it.",
            place=path,
            hint=f"It has {', '.join(works)}.",
        )
        return
    if row.right == "none":
        if isinstance(left, Count):
            yield Problem(
                "rule.type", "A count is always known; over nothing it is 0.", path, f"Write {text} == 0, or >= 1."
            )
        return
    yield from _value(left, kind, row, right, right_path)


def _value(left: Operand, kind: str, row: Operator, right: Right, path: str) -> Iterator[Problem]:
    """Check a right side against the type that the left side has."""
    given = "list" if kind == "list" and _is_text(right) else literal_type(right, "==")
    if given != kind and not {given, kind} <= {"date", "datetime"}:
        yield Problem(
            "rule.type",
            f"{operand_text(left)} is {_a(kind)}, {right_text(right)} is {_a(literal_type(right, '=='))}.",
            place=path,
            hint=_right_hint(kind),
        )
    elif isinstance(left, Call) and left.function == "weekday" and row.name in ("==", "!=", "in", "not in"):
        yield from _weekdays(right, path)
    elif row.name == "matches" and isinstance(right, str) and (reason := bad_pattern(right)):
        yield Problem(
            "rule.pattern",
            f"{right_text(right)} is not a pattern: {reason}.",
            place=path,
            hint="Patterns are those of RE2: no look-around, no back-references.",
        )


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
    return _moment_form(right, path)


def _moment_form(right: Right | Date | Datetime, path: str) -> Problem | None:
    match right:
        case Date(day) if not is_day(day):
            return Problem("rule.date", f"{day!r} is not a day.", place=path, hint="Write YYYY-MM-DD.")
        case Datetime(at) if not is_instant(at):
            return Problem("rule.date", f"{at!r} is not an instant with its offset.", place=path)
        case Ago(text) | Ahead(text) if parse_duration(text) is None:
            return Problem("rule.duration", f"{text!r} is not a duration.", place=path, hint=HINT)
    return None


def _count(count: Count, path: str, filtering: bool) -> Iterator[Problem]:
    if filtering:
        yield Problem("rule.filter", "A behaviour can't stand inside a behaviour.", place=path)
    if not count.event or not is_storable(count.event):
        yield Problem("rule.event", "A behaviour needs an event's name.", place=path)
    window = count.window
    texts = window.within if isinstance(window.within, tuple) else (window.within,)
    for text in texts:
        named = text in _NAMED and not isinstance(window.within, tuple)
        if text is not None and not named and parse_duration(text) is None:
            yield Problem("rule.duration", f"{text!r} is not a window.", place=f"{path}/window/within", hint=HINT)
    if isinstance(window.within, tuple) and is_empty_span(*window.within):
        yield Problem(
            "rule.duration", "The span is empty.", f"{path}/window/within", "The longer duration comes first."
        )
    for name, value in (("after", window.after), ("before", window.before)):
        malformed = _moment_form(value, f"{path}/window/{name}") if value else None
        if malformed:
            yield malformed


def _is_text(right: Right) -> bool:
    return all(isinstance(member, str) for member in right) if isinstance(right, tuple) else isinstance(right, str)


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
