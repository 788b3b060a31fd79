"""What a text contains. Regular expressions are RE2 in both engines, and search."""

from lenticular.criteria.operators.row import Operator, types

_TEXT = types("text")

ROWS = (
    Operator(
        "contains",
        _TEXT,
        "one",
        "contains {right}",
        "does not contain {right}",
        "right in left",
        "position({left}, {right}) > 0",
        method=True,
    ),
    Operator(
        "starts_with",
        _TEXT,
        "one",
        "starts with {right}",
        "does not start with {right}",
        "left.startswith(right)",
        "startsWith({left}, {right})",
        method=True,
    ),
    Operator(
        "ends_with",
        _TEXT,
        "one",
        "ends with {right}",
        "does not end with {right}",
        "left.endswith(right)",
        "endsWith({left}, {right})",
        method=True,
    ),
    Operator(
        "matches",
        _TEXT,
        "one",
        "matches the pattern {right}",
        "does not match the pattern {right}",
        "right.search(left) is not None",
        "match({left}, {right})",
        method=True,
    ),
)
