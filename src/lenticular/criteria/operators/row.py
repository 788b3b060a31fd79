"""What a row of the operator table holds."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.criteria.tables import Type


class Operator(msgspec.Struct, frozen=True):
    """One operator.

    `takes`: the types of its left side. `right`: one literal, a list of them, or nothing. `method`: written
    `.name(right)` and not between its sides. `negates`: the operator whose opposite it is, so that it holds for a
    missing value. `total`: its Python face needs no check for a missing value. `phrase` and `denial` follow the
    property's label in an English sentence; other languages translate them.
    """

    name: str
    takes: frozenset[Type]
    right: Literal["one", "many", "none"]
    phrase: str
    denial: str
    python: str = ""
    sql: str = ""
    method: bool = False
    negates: str = ""
    total: bool = False


def types(*names: Type) -> frozenset[Type]:
    """Return a set of types; it reads better in a row."""
    return frozenset(names)
