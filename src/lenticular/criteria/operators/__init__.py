"""The operators, each with its four faces in one row.

`python` and `sql` are expressions over `left` and `right`, both of the operator's type and known: that a missing
value makes a condition false is added around them, once. `phrase` follows the property's label in a sentence.
Every operator is explained by its Python face and its phrase.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

from lenticular.criteria.operators import known, lists, order, text
from lenticular.criteria.operators.row import Operator

OPERATORS: dict[str, Operator] = {row.name: row for row in (*order.ROWS, *text.ROWS, *lists.ROWS, *known.ROWS)}
METHODS = tuple(name for name, row in OPERATORS.items() if row.method)

__all__ = ["METHODS", "OPERATORS", "Operator", "holds"]


def holds(operator: str, left: Any, right: Any) -> bool:
    """Return whether an operator's Python face holds between two known values of its type."""
    row = OPERATORS[operator]
    positive = OPERATORS[row.negates] if row.negates else row
    return bool(_face(positive.python)(left, right)) != bool(row.negates)


@cache
def _face(python: str) -> Callable[[Any, Any], Any]:
    # The text is a row of our own table, never part of a rule.
    return cast(Callable[[Any, Any], Any], eval(f"lambda left, right: {python}"))  # noqa: S307
