"""What a list of texts holds."""

from lenticular.criteria.operators.row import Operator, types

_LIST = types("list")

ROWS = (
    Operator(
        "has",
        _LIST,
        "one",
        "include {right}",
        "do not include {right}",
        "right in left",
        "has({left}, {right})",
        method=True,
    ),
    Operator(
        "has_any",
        _LIST,
        "many",
        "include {right}",
        "do not include {right}",
        "not right.isdisjoint(left)",
        "hasAny({left}, {right})",
        method=True,
    ),
    Operator(
        "has_all",
        _LIST,
        "many",
        "include all of {right}",
        "do not include all of {right}",
        "right.issubset(left)",
        "hasAll({left}, {right})",
        method=True,
    ),
)
