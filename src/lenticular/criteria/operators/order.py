"""Equality, order and membership in a list of literals."""

from lenticular.criteria.operators.row import Operator, types

_EQUAL = types("text", "number", "boolean", "date", "datetime")
_ORDERED = types("number", "date", "datetime")
_LISTED = types("text", "number")

ROWS = (
    Operator("==", _EQUAL, "one", "is {right}", "is not {right}", "left == right", "{left} = {right}", total=True),
    Operator("!=", _EQUAL, "one", "is not {right}", "is {right}", negates="=="),
    Operator("<", _ORDERED, "one", "is {below} {right}", "is not {below} {right}", "left < right", "{left} < {right}"),
    Operator(
        "<=", _ORDERED, "one", "is {at_most} {right}", "is not {at_most} {right}", "left <= right", "{left} <= {right}"
    ),
    Operator(">", _ORDERED, "one", "is {above} {right}", "is not {above} {right}", "left > right", "{left} > {right}"),
    Operator(
        ">=",
        _ORDERED,
        "one",
        "is {at_least} {right}",
        "is not {at_least} {right}",
        "left >= right",
        "{left} >= {right}",
    ),
    Operator(
        "in", _LISTED, "many", "is {right}", "is not {right}", "left in right", "has({right}, {left})", total=True
    ),
    Operator("not in", _LISTED, "many", "is not {right}", "is {right}", negates="in"),
)
