"""Check what a condition looks at: properties, functions, behaviours, steps and windows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from lenticular.criteria.check_values import a_type, moment_form
from lenticular.criteria.duration import HINT, is_empty_span, parse_duration
from lenticular.criteria.measures import MEASURES, PERIODS
from lenticular.criteria.tables import Type
from lenticular.criteria.text.behaviours import MAX_STEPS
from lenticular.criteria.text.literals import is_storable
from lenticular.criteria.text.print import operand_text, right_text
from lenticular.criteria.tree import Ago, Ahead, Behaviour, Field, Operand, Right, Sequence, Step, Today, Window
from lenticular.criteria.types import FUNCTIONS, NEEDS_NOW, Schema, known_type
from lenticular.errors import Problem, did_you_mean, nearest

_NAMED = ("today", "week", "month", "session")
_SCOPES = {
    "": ("user", "session"),
    "event": ("event", "context"),
    "organization": ("organization",),
    "element": ("element",),
}


class Inside(msgspec.Struct, frozen=True):
    """Where a part stands: in no filter (""), or in one of an `event`, an `organization` or an `element`.

    In a behaviour what depends on now can't be read (`timeless`), for its filters are asked when the event comes in.
    """

    scope: str = ""
    timeless: bool = False

    def within(self, scope: str) -> Inside:
        """Return what stands inside this."""
        return Inside(scope, self.timeless or scope == "event")


def check_operand(operand: Operand, path: str, schema: Schema, inside: Inside) -> Iterator[Problem]:
    """Yield what is wrong with a left side."""
    match operand:
        case Behaviour():
            yield from check_behaviour(operand, path, schema, inside)
            return
        case Field():
            yield from check_field(operand, path, schema, inside)
            return
    function = operand.function
    if function not in FUNCTIONS:
        hint = did_you_mean(function, FUNCTIONS) or f"Known: {', '.join(FUNCTIONS)}."
        yield Problem("rule.function", f"There is no .{function}().", place=path, hint=hint)
        return
    if inside.timeless and function in NEEDS_NOW:
        yield Problem(
            "rule.filter",
            f".{function}() depends on the current day, which a filter can't read.",
            place=path,
            hint="Use a property of the user instead.",
        )
    problems = list(check_operand(operand.of, path, schema, inside))
    yield from problems
    known = None if problems else known_type(operand.of, schema)
    if known and known not in FUNCTIONS[function][0]:
        takes = " or ".join(sorted(FUNCTIONS[function][0]))
        yield Problem(
            "rule.type",
            f"{operand_text(operand.of)} is {a_type(known)}; .{function}() is for {takes}.",
            place=path,
            hint=_functions_for(known),
        )


def _functions_for(kind: str) -> str:
    names = [name for name, (takes, _) in FUNCTIONS.items() if kind in takes]
    found = ", ".join(f".{name}()" for name in names)
    what = a_type(kind).capitalize()
    return f"{what} has {found}." if names else f"{what} is compared as it is."


def check_field(field: Field, path: str, schema: Schema, inside: Inside) -> Iterator[Problem]:
    """Yield what is wrong with a property: it can't be read here, or nobody knows it."""
    if field.scope not in _SCOPES[inside.scope]:
        yield Problem("rule.filter", f"{operand_text(field)} can't be read here.", place=path)
        return
    if not field.name:
        yield Problem("rule.property", "A property needs a name.", place=path)
        return
    if not is_storable(field.name):
        yield Problem("rule.property", "This name holds a character that no data can have.", path, "Take it out.")
        return
    if field.scope in ("event", "element") or schema.open or schema.type_of(field):
        return
    whole = _objects(field, schema)
    if whole is not None:
        inner = field.name.removeprefix(f"{whole.name}.")
        yield Problem(
            "rule.property",
            f"{operand_text(whole)} is a list of objects, which has no {inner} of its own.",
            place=path,
            hint=f"Write {operand_text(whole)}.any({inner} == 5).",
        )
        return
    known = schema.names(field.scope)
    close = nearest(field.name, known)
    shown = (" or " if close else ", ").join(operand_text(Field(field.scope, one)) for one in close or known[:8])
    hint = f"Did you mean {shown}?" if close else f"Known: {shown}."
    yield Problem(
        "rule.property",
        f"There is no property {operand_text(field)}.",
        place=path,
        hint=hint if known else "No data has come in yet.",
    )


def _objects(field: Field, schema: Schema) -> Field | None:
    """Return the list of objects into which a name reaches."""
    parts = field.name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        whole = Field(field.scope, ".".join(parts[:end]))
        if schema.type_of(whole) == "objects":
            return whole
    return None


def check_behaviour(one: Behaviour, path: str, schema: Schema, inside: Inside) -> Iterator[Problem]:
    """Yield what is wrong with a measure over events, but for its filters."""
    row = MEASURES.get(one.measure)
    if row is None:
        hint = did_you_mean(one.measure, MEASURES) or f"Known: {', '.join(MEASURES)}."
        yield Problem("rule.measure", f"There is no measure {one.measure!r}.", place=path, hint=hint)
        return
    if inside.scope:
        yield Problem("rule.filter", "A behaviour can't stand inside a filter.", place=path, hint="Join with `and`.")
    yield from _event(one.event, path)
    if row.takes and one.field is None:
        yield Problem("rule.measure", f"{one.measure}() needs a field to look at.", place=path)
    elif one.field is not None:
        yield from _measured(one, one.field, f"{path}/field", schema)
    if (one.every is not None) != (one.measure == "periods"):
        yield Problem("rule.measure", "every= belongs to periods(), which needs it.", place=path)
    elif one.every is not None and one.every not in PERIODS:
        known = ", ".join(f'"{period}"' for period in PERIODS)
        yield Problem("rule.duration", f"{one.every!r} is not a calendar period.", f"{path}/every", f"Known: {known}.")
    yield from check_window(one.window, path)


def _measured(one: Behaviour, field: Field, path: str, schema: Schema) -> Iterator[Problem]:
    takes = MEASURES[one.measure].takes
    if not takes:
        yield Problem("rule.measure", f"{one.measure}() looks at no field.", place=path, hint="Make it a filter.")
        return
    yield from check_field(field, path, schema, Inside("event", timeless=True))
    known = schema.type_of(field)
    if known and known not in takes:
        for_these = " or ".join(map(a_type, sorted(takes)))
        yield Problem(
            "rule.type",
            f"{operand_text(field)} is {a_type(known)}; {one.measure}() is for {for_these}.",
            place=path,
            hint=_measures_for(known),
        )


def _measures_for(kind: Type) -> str:
    names = [f"{name}()" for name, row in MEASURES.items() if kind in row.takes]
    what = a_type(kind).capitalize()
    return f"{what} has {', '.join(names)}." if names else f"{what} can be asked in a filter: .any(), .size()."


def check_sequence(one: Sequence, path: str, inside: Inside) -> Iterator[Problem]:
    """Yield what is wrong with a sequence, but for the filters of its steps."""
    if inside.scope:
        yield Problem("rule.filter", "A sequence can't stand inside a filter.", place=path, hint="Join with `and`.")
    if not 1 <= len(one.steps) <= MAX_STEPS:
        yield Problem("rule.sequence", f"A sequence has 1 to {MAX_STEPS} steps.", place=path)
    for at, step in enumerate(one.steps):
        yield from _step(step, f"{path}/steps/{at}")
    if one.without:
        yield from _step(one.without, f"{path}/without")
    if one.span is not None and ((length := parse_duration(one.span)) is None or length.months):
        yield Problem("rule.duration", f"{one.span!r} is not an exact duration.", f"{path}/span", 'Write "1h".')
    yield from check_window(one.window, path)


def _step(step: Step, path: str) -> Iterator[Problem]:
    yield from _event(step.event, path)


def _event(name: str, path: str) -> Iterator[Problem]:
    if not name or not is_storable(name):
        yield Problem("rule.event", "A behaviour needs an event's name.", place=path)


def check_window(window: Window, path: str) -> Iterator[Problem]:
    """Yield what is wrong with a window."""
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
        malformed = moment_form(value, f"{path}/window/{name}") if value else None
        if malformed:
            yield malformed


def needs_now(value: Right, path: str) -> Iterator[Problem]:
    """Yield the refusal of a right side that depends on now."""
    if isinstance(value, Ago | Ahead | Today):
        yield Problem(
            "rule.filter",
            f"{right_text(value)} depends on the current moment, which a filter can't read.",
            place=path,
            hint='Say when the event happened with within="7d", after= or before=.',
        )
