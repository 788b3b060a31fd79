"""Draws rules: every operator, function, measure, window and group, to a few levels."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any, NamedTuple

from lenticular.criteria.calendar import WEEKDAYS
from lenticular.criteria.measures import MEASURES, PERIODS
from lenticular.criteria.operators import OPERATORS
from lenticular.criteria.tables import Type
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
from lenticular.criteria.types import FUNCTIONS, NEEDS_NOW
from tests.criteria.vocabulary import (
    EVENT,
    EVENTS,
    INTERESTS,
    LOCAL,
    NUMBERS,
    OBJECT,
    ORGANIZATION,
    PATTERNS,
    TEXTS,
    TOPICS,
    USER,
    VISIT,
)

WITHIN: tuple[Any, ...] = (
    *(None, None, "7d", "1h", "30s", "1mo", "2w", "1y", "36h", "today", "week", "month", "session"),
    *(("60d", "30d"), ("2mo", "1d"), ("2mo", "1mo"), ("7d", "1h")),
)
AFTER: tuple[Date | Datetime, ...] = (
    Datetime("2024-02-29T12:00:00.5+05:30"),
    Date("2024-03-10"),
    Date("2010-01-01"),
)
BEFORE: tuple[Date | Datetime, ...] = (Date("2026-11-01"), Date("2024-03-10"), Datetime("2024-03-31T12:00Z"))
SPANS = ("30s", "1h", "1d", "7d")
FIXED: tuple[Right, ...] = (Date("2024-02-29"), Date("2024-03-10"), Datetime("2024-03-10T02:30-05:00"))
MOVING: tuple[Right, ...] = (Ago("7d"), Ago("1mo"), Ago("1h"), Ahead("1y"), Ahead("30s"), Today())
SMALL: dict[str, tuple[int, ...]] = {
    "size": (0, 1, 2),
    "hour": (0, 1, 3, 23),
    "month": (2, 3, 12),
    "day": (1, 28, 29, 31),
    "age": (0, 2, 21, 54),
    "days_until_anniversary": (0, 1, 364, 365),
}


class Place(NamedTuple):
    """Where a condition stands: the properties that can be read there, and whether it may ask for now."""

    fields: Mapping[Field, Type]
    timeless: bool = False


TOP = Place({**USER, **VISIT, **LOCAL, **INTERESTS})
OF_EVENT = Place(EVENT, timeless=True)
OF_ORGANIZATION = Place(ORGANIZATION)


class Rules:
    """Draws trees."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def some(self, share: float) -> bool:
        """Return true that often."""
        return self.random.random() < share

    def tree(self, depth: int, segments: list[str]) -> Node:
        """A rule that may name segments drawn before it."""
        kind = self.random.random()
        if depth and kind < 0.35:
            parts = tuple(self.tree(depth - 1, segments) for _ in range(self.random.choice([2, 2, 3])))
            return And(parts) if self.some(0.5) else Or(parts)
        if depth and kind < 0.45:
            return Not(self.tree(depth - 1, segments))
        if kind < 0.52 and segments:
            key = self.random.choice(segments)
            return OnList(key) if self.some(0.3) else InSegment(key)
        if kind < 0.53:
            return Everyone()
        if kind < 0.68:
            return self.condition(TOP)
        if kind < 0.76:
            return Organization(tuple(self.filter(OF_ORGANIZATION, 1) for _ in range(self.random.choice([1, 1, 2]))))
        if kind < 0.86:
            return self.sequence()
        return self.measured()

    def filter(self, place: Place, depth: int) -> Node:
        """A condition on the values at a place, or a group of such."""
        if depth and self.some(0.3):
            parts = tuple(self.filter(place, depth - 1) for _ in range(2))
            groups: list[Node] = [And(parts), Or(parts), Not(parts[0])]
            return self.random.choice(groups)
        return Everyone() if self.some(0.02) else self.condition(place)

    def condition(self, place: Place) -> Node:
        """One condition on a property."""
        field, kind = self.random.choice(list(place.fields.items()))
        if kind == "objects" and self.some(0.7):
            return AnyOf(field, self.filter(Place(OBJECT, place.timeless), 1))
        operand: Operand = field
        functions = self.functions(kind, place.timeless)
        if functions and self.some(0.4):
            function = self.random.choice(functions)
            operand, kind = Call(function, field), FUNCTIONS[function][1]
        return self.compared(operand, kind, place.timeless)

    def functions(self, kind: Type, timeless: bool) -> list[str]:
        """The functions that a value of a type has at a place."""
        return [
            name for name, (takes, _) in FUNCTIONS.items() if kind in takes and not (timeless and name in NEEDS_NOW)
        ]

    def compared(self, operand: Operand, kind: Type, timeless: bool) -> Node:
        """A comparison of an operand that gives a type."""
        if kind in ("number", "date", "datetime") and self.some(0.2):
            low, high = self.right(kind, operand, timeless), self.right(kind, operand, timeless)
            return Between(operand, low, high, self.some(0.5), self.some(0.5))
        rows = [row for row in OPERATORS.values() if kind in row.takes]
        if isinstance(operand, Behaviour) and MEASURES[operand.measure].counts:
            rows = [row for row in rows if row.right != "none"]
        row = self.random.choice(rows)
        if row.right == "none":
            return Compare(operand, row.name)
        if row.name == "matches":
            return Compare(operand, row.name, self.random.choice(PATTERNS))
        if row.right == "many":
            return Compare(operand, row.name, tuple(self.plain(kind, operand) for _ in range(2)))
        return Compare(operand, row.name, self.right(kind, operand, timeless))

    def right(self, kind: Type, operand: Operand, timeless: bool) -> Right:
        """A right side for an operand that gives a type."""
        if kind in ("date", "datetime"):
            return self.random.choice(FIXED if timeless else (*FIXED, *MOVING))
        return self.plain(kind, operand)

    def plain(self, kind: Type, operand: Operand) -> str | float | bool:
        """A literal; for what is small by nature mostly a small one."""
        if _is_weekday(operand):
            return self.random.choice(WEEKDAYS)
        if kind == "boolean":
            return self.some(0.5)
        if kind != "number":
            return self.random.choice(TOPICS if operand == Field("user", "interests") else TEXTS)
        small: tuple[float, ...] = SMALL.get(operand.function, ()) if isinstance(operand, Call) else ()
        if isinstance(operand, Behaviour) and operand.measure in ("count", "distinct", "periods"):
            small = (0, 1, 1, 2, 3, 1.5, -1)
        if isinstance(operand, Field) and operand.name.startswith("interests."):
            small = (0, 0.5, 1, 2, 0.25, 0.000977)
        if isinstance(operand, Field) and operand.name == "local_hour":
            small = (0, 3, 12, 23)
        return self.random.choice(small if small and self.some(0.8) else NUMBERS)

    def window(self) -> Window:
        """When something counts."""
        after, before = self.random.choice(AFTER), self.random.choice(BEFORE)
        return Window(
            self.random.choice(WITHIN),
            after if self.some(0.2) else None,
            before if self.some(0.2) else None,
        )

    def where(self, most: int) -> tuple[Node, ...]:
        """The filters of a behaviour."""
        return tuple(self.filter(OF_EVENT, 1) for _ in range(self.random.randrange(most + 1)))

    def measured(self) -> Node:
        """A condition on what somebody did."""
        row = self.random.choice([*MEASURES.values(), MEASURES["count"], MEASURES["count"]])
        looked_at = {field: kind for field, kind in EVENT.items() if kind in row.takes}
        field = self.random.choice(list(looked_at)) if looked_at else None
        operand: Operand = Behaviour(
            row.name,
            self.random.choice(EVENTS),
            field,
            self.where(self.random.choice([0, 1, 1, 2])),
            self.window(),
            self.random.choice(PERIODS) if row.name == "periods" else None,
        )
        assert isinstance(operand, Behaviour)
        kind: Type = row.gives or (looked_at[field] if field else "number")
        functions = self.functions(kind, timeless=False)
        if functions and self.some(0.4):
            function = self.random.choice(functions)
            operand, kind = Call(function, operand), FUNCTIONS[function][1]
        return self.compared(operand, kind, timeless=False)

    def sequence(self) -> Node:
        """Steps one after the other."""
        steps = tuple(self.step() for _ in range(self.random.choice([1, 2, 2, 2, 3, 3, 4])))
        without = self.step() if self.some(0.4) else None
        span = self.random.choice(SPANS) if self.some(0.5) else None
        return Sequence(steps, without, span, self.window() if self.some(0.7) else Window())

    def step(self) -> Step:
        """One event of a sequence."""
        return Step(self.random.choice(EVENTS[:3]), self.where(1))


def _is_weekday(operand: Operand) -> bool:
    return operand == Field("session", "local_weekday") or (isinstance(operand, Call) and operand.function == "weekday")
