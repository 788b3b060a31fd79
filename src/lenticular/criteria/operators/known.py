"""Whether there is a value at all."""

from lenticular.criteria.operators.row import Operator, types

_ANY = types("text", "number", "boolean", "date", "datetime", "list", "objects")

ROWS = (
    Operator(
        "is not None", _ANY, "none", "is known", "is unknown", "left is not None", "{left} IS NOT NULL", total=True
    ),
    Operator("is None", _ANY, "none", "is unknown", "is known", negates="is not None"),
)
