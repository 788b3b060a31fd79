"""Write a tree as text. `parse(to_text(tree)).tree == tree`, for every tree that the reader accepts."""

from __future__ import annotations

import keyword

from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tree import (
    Ago,
    Ahead,
    And,
    AnyOf,
    Behaviour,
    Between,
    Call,
    Compare,
    Date,
    Datetime,
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
    Sequence,
    Step,
    Today,
    Window,
)
from lenticular.criteria.types import INTEREST

_RESERVED_IN_FILTERS = ("context", "field", "user", "session")


def to_text(tree: Node) -> str:
    """Return the text form of a tree, on one line."""
    match tree:
        case Everyone():
            return "True"
        case InSegment(key):
            return f"segment({quoted(key)})"
        case OnList(key):
            return f"on_list({quoted(key)})"
        case Organization(where):
            return f"organization({', '.join(map(to_text, where))})"
        case AnyOf(of, where):
            return f"{operand_text(of)}.any({to_text(where)})"
        case Sequence():
            return _sequence(tree)
        case Not(of):
            inner = to_text(of)
            return f"not ({inner})" if isinstance(of, And | Or) else f"not {inner}"
        case And(of):
            return " and ".join(_inside(part) for part in of)
        case Or(of):
            return " or ".join(_inside(part) for part in of)
        case Between(of, low, high, low_open, high_open):
            left, right = ("<" if low_open else "<="), ("<" if high_open else "<=")
            return f"{right_text(low)} {left} {operand_text(of)} {right} {right_text(high)}"
        case Compare(left, operator, right):
            row = OPERATORS.get(operator)
            if row is None:  # a message about a tree from JSON shows what it is refused for
                return f"{operand_text(left)} {operator} {right_text(right)}"
            if row.right == "none":
                return f"{operand_text(left)} {operator}"
            if row.method:
                return f"{operand_text(left)}.{operator}({right_text(right)})"
            return f"{operand_text(left)} {operator} {right_text(right)}"


def operand_text(operand: Operand) -> str:
    """Return the text form of a left side."""
    match operand:
        case Call(function, of):
            return f"{operand_text(of)}.{function}()"
        case Behaviour(measure, event, field, where, window, every):
            looked_at = [operand_text(field)] if field else []
            period = [f"every={quoted(every)}"] if every else []
            parts = [quoted(event), *looked_at, *map(to_text, where), *period, *_window(window)]
            return f"{measure}({', '.join(parts)})"
        case Field("event" | "organization" | "element", name):
            first, *rest = name.split(".")
            if name and all(map(_plain, [first, *rest])) and first not in _RESERVED_IN_FILTERS:
                return name
            return f"field[{quoted(name)}]"
        case Field("user", name) if name.startswith(INTEREST) and not _plain(name.removeprefix(INTEREST)):
            return f"user.interests[{quoted(name.removeprefix(INTEREST))}]"
        case Field(scope, name):
            if all(map(_plain, name.split("."))):
                return f"{scope}.{name}"
            return f"{scope}[{quoted(name)}]"


def _sequence(tree: Sequence) -> str:
    parts = [_step(step) for step in tree.steps]
    if tree.without:
        parts.append(f"without={_step(tree.without)}")
    if tree.span:
        parts.append(f"span={quoted(tree.span)}")
    return f"sequence({', '.join([*parts, *_window(tree.window)])})"


def _step(step: Step) -> str:
    return f"event({', '.join([quoted(step.event), *map(to_text, step.where)])})"


def right_text(value: Right) -> str:
    """Return the text form of a right side."""
    match value:
        case Date(day):
            return f"date({quoted(day)})"
        case Datetime(at):
            return f"datetime({quoted(at)})"
        case Ago(duration):
            return f"ago({quoted(duration)})"
        case Ahead(duration):
            return f"ahead({quoted(duration)})"
        case Today():
            return "today()"
        case str():
            return quoted(value)
        case tuple():
            return f"[{', '.join(map(right_text, value))}]"
        case int() if not isinstance(value, bool) and abs(value) >= 10_000:
            return f"{value:_}"
    return repr(value)


def _inside(part: Node) -> str:
    return f"({to_text(part)})" if isinstance(part, And | Or) else to_text(part)


def _window(window: Window) -> list[str]:
    parts = []
    if isinstance(window.within, tuple):
        parts.append(f"within=({', '.join(map(quoted, window.within))})")
    elif window.within is not None:
        parts.append(f"within={quoted(window.within)}")
    if window.after is not None:
        parts.append(f"after={right_text(window.after)}")
    if window.before is not None:
        parts.append(f"before={right_text(window.before)}")
    return parts


def _plain(name: str) -> bool:
    # Python's parser normalises identifiers (NFKC), so only ASCII names survive the round trip unquoted.
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name)


def quoted(text: str) -> str:
    """A Python literal in double quotes; backslashes, quotes and control characters escaped."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in plain) + '"'
