"""What both engines must know of a condition before they write it down: keys, types and right sides."""

from __future__ import annotations

import msgspec

from lenticular.criteria.lower import lower
from lenticular.criteria.tables import Type, stored_key
from lenticular.criteria.tree import (
    Ago,
    Ahead,
    Between,
    Call,
    Compare,
    Date,
    Datetime,
    Field,
    Operand,
    Right,
    Today,
)
from lenticular.criteria.types import Schema, literal_type, operand_type, source_type


class Condition(msgspec.Struct, frozen=True):
    """A comparison with its types settled.

    `kind` is the type of what is read before any function, under which a property is stored; `compared` the type in
    which the two sides meet: `date` when a datetime is compared with a day, or a day with an instant, since both then
    mean local days.
    """

    left: Operand
    operator: str
    right: Right
    kind: Type
    compared: Type
    right_kind: Type


def conditions(node: Compare | Between, schema: Schema) -> list[Condition]:
    """Return a comparison as one condition, a chain as two."""
    if isinstance(node, Compare):
        return [_condition(node.left, node.operator, node.right, schema)]
    low, high = (">" if node.low_open else ">="), ("<" if node.high_open else "<=")
    return [_condition(node.of, low, node.low, schema), _condition(node.of, high, node.high, schema)]


def _condition(left: Operand, operator: str, right: Right, schema: Schema) -> Condition:
    kind = source_type(left, right, operator, schema)
    compared = operand_type(left, right, operator, schema)
    right_kind = literal_type(right, operator)
    if {compared, right_kind} == {"date", "datetime"}:
        compared = "date"
    if isinstance(left, Call) and left.function == "lower":
        # In lower case a pattern could mean something else: \D would be \d.
        right = f"(?i){right}" if operator == "matches" else _lowered(right)
    return Condition(left, operator, _normal(right), kind, compared, right_kind)


def _lowered(right: Right) -> Right:
    if isinstance(right, tuple):
        return tuple(lower(member) if isinstance(member, str) else member for member in right)
    return lower(right) if isinstance(right, str) else right


def _normal(right: Right) -> Right:
    """Numbers are 64-bit floats, and there is one zero."""
    if isinstance(right, tuple):
        return tuple(member if isinstance(member, str) else float(member) + 0.0 for member in right)
    if isinstance(right, bool) or not isinstance(right, int | float):
        return right
    return float(right) + 0.0


def key_of(field: Field, kind: Type) -> str:
    """Return the stored key of a property."""
    return stored_key(field.name, kind)


def depends_on_now(value: Right) -> bool:
    """Return whether a right side is another one at another time."""
    return isinstance(value, Ago | Ahead | Today)


def is_moment(value: Right) -> bool:
    """Return whether a right side is a day or an instant."""
    return isinstance(value, Ago | Ahead | Today | Date | Datetime)
