"""What is assumed of one property or behaviour, and whether its value can be like that at all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from lenticular.criteria.calendar import WEEKDAYS
from lenticular.criteria.check_values import pattern
from lenticular.criteria.measures import MEASURES
from lenticular.criteria.operands import Condition
from lenticular.criteria.operators import holds
from lenticular.criteria.proof.rights import Token, at_most, below, token
from lenticular.criteria.tables import Type
from lenticular.criteria.tree import Behaviour, Call, Field, Operand

_DOMAINS: dict[str, tuple[Any, ...]] = {
    "weekday": tuple(WEEKDAYS),
    "hour": tuple(float(hour) for hour in range(24)),
    "month": tuple(float(month) for month in range(1, 13)),
    "day": tuple(float(day) for day in range(1, 32)),
}
_WHOLE = frozenset({"age", "size", "days_until_anniversary", *_DOMAINS})
_COUNTED = frozenset({"count", "distinct", "periods"})
_BOUND = {("<", True): ("high", True), ("<=", True): ("high", False), (">", True): ("low", True)}
_BOUND |= {(">=", True): ("low", False), ("<", False): ("low", False), ("<=", False): ("low", True)}
_BOUND |= {(">", False): ("high", False), (">=", False): ("high", True)}


class Fact(msgspec.Struct, frozen=True):
    """That a condition with a positive operator holds, or (`holds` false) that it does not."""

    condition: Condition
    holds: bool

    @property
    def source(self) -> tuple[Field | Behaviour, Type]:
        """What is read, before any function."""
        left = self.condition.left
        return left.of if isinstance(left, Call) else left, self.condition.kind

    @property
    def quantity(self) -> tuple[Operand, Type, Type]:
        """What is compared: a property, or what a function makes of it."""
        return self.condition.left, self.condition.kind, self.condition.compared

    @property
    def tells_known(self) -> bool:
        """Whether the value that is compared must be known. An object's field is known in any of its types."""
        source, element = self.source[0], "element"
        loose = isinstance(source, Field) and source.scope == element and self.condition.operator == "is not None"
        return (self.holds and not loose) or always_known(source)


class Limits(msgspec.Struct):
    """Ends of a value: each with whether it is open."""

    low: list[tuple[Token, bool]]
    high: list[tuple[Token, bool]]

    def cross(self, other: Limits) -> bool:
        """Return whether a value within the low ends can't be at most one within the other's high ends."""
        return any(
            at_most(high, low) if low_open or high_open else below(high, low)
            for low, low_open in self.low
            for high, high_open in other.high
        )


def always_known(source: Field | Behaviour) -> bool:
    """Return whether something is never missing: a count is 0 over nothing."""
    return isinstance(source, Behaviour) and MEASURES[source.measure].counts


def can_not_be(facts: Sequence[Fact]) -> bool:
    """Return whether no known value satisfies all facts about one quantity. Never wrongly so."""
    left = facts[0].condition.left
    said = {(one.condition.operator, one.condition.right): one.holds for one in facts}
    if any(said[one.condition.operator, one.condition.right] != one.holds for one in facts):
        return True
    if any(one.condition.operator == "is not None" and not one.holds for one in facts):
        return True
    candidates = _candidates(left, facts)
    if candidates is not None:
        return not any(all(_fits(value, one) for one in facts) for value in candidates)
    ends = limits(facts)
    return ends.cross(ends) or _texts_clash(facts) or _lists_clash(facts)


def _candidates(left: Operand, facts: Iterable[Fact]) -> tuple[Any, ...] | None:
    """Return all values that a quantity can have, if they can be listed."""
    for one in facts:
        if one.holds and one.condition.compared in ("text", "number") and one.condition.operator in ("==", "in"):
            right = one.condition.right
            return right if isinstance(right, tuple) else (right,)
        if one.condition.compared == "boolean":
            return True, False
    return _DOMAINS.get(left.function) if isinstance(left, Call) else None


def _fits(value: Any, one: Fact) -> bool:
    right: Any = one.condition.right
    if one.condition.operator == "matches":
        right = pattern(str(right))
    elif isinstance(right, tuple):
        right = frozenset(right)
    return holds(one.condition.operator, value, right) == one.holds


def limits(facts: Iterable[Fact]) -> Limits:
    """Return the ends that facts about one quantity set."""
    ends, excluded, whole = Limits([], []), set[Token](), False
    for one in facts:
        condition, left = one.condition, one.condition.left
        counted = isinstance(left, Behaviour) and left.measure in _COUNTED
        whole = counted or (isinstance(left, Call) and left.function in _WHOLE)
        if counted or (isinstance(left, Call) and left.function == "size"):
            ends.low.append((("number", 0.0), False))
        if (condition.operator, one.holds) in _BOUND:
            side, is_open = _BOUND[condition.operator, one.holds]
            (ends.low if side == "low" else ends.high).append((token(condition), is_open))
        elif condition.operator == "==" and one.holds:
            ends.low.append((token(condition), False))
            ends.high.append((token(condition), False))
        elif condition.operator == "==":
            excluded.add(token(condition))
        elif condition.operator == "in" and not one.holds and isinstance(condition.right, tuple):
            excluded |= {("number", value) for value in condition.right if isinstance(value, float)}
    ends.low = [_tightened(end, 1, whole, excluded) for end in ends.low]
    ends.high = [_tightened(end, -1, whole, excluded) for end in ends.high]
    return ends


def _tightened(end: tuple[Token, bool], step: int, whole: bool, excluded: set[Token]) -> tuple[Token, bool]:
    """Take excluded values off an end; the ends of whole numbers are whole and closed."""
    at, is_open = end
    line, value = at
    if not whole or not isinstance(value, float):
        return at, is_open or at in excluded
    number = float(math.ceil(value) if step > 0 else math.floor(value))
    if is_open and number == value:
        number += step
    while (line, number) in excluded:
        number += step
    return (line, number), False


def _texts_clash(facts: Sequence[Fact]) -> bool:
    """What a text begins with, ends with or contains, it contains with every part of it."""
    said = [(one.condition.operator, one.condition.right) for one in facts if one.holds]
    denied = [(one.condition.operator, one.condition.right) for one in facts if not one.holds]
    if any(_text_implies(*one, *other) for one in said for other in denied):
        return True
    return any(_apart(*one, *other) for one in said for other in said)


def _text_implies(operator: str, text: Any, other: str, part: Any) -> bool:
    if not (isinstance(text, str) and isinstance(part, str)) or operator not in (
        "starts_with",
        "ends_with",
        "contains",
    ):
        return False
    if other == "contains":
        return part in text
    if other == "starts_with":
        return operator == other and text.startswith(part)
    return other == "ends_with" and operator == other and text.endswith(part)


def _apart(operator: str, text: Any, other: str, part: Any) -> bool:
    if operator != other or not (isinstance(text, str) and isinstance(part, str)):
        return False
    if operator == "starts_with":
        return not text.startswith(part) and not part.startswith(text)
    return operator == "ends_with" and not text.endswith(part) and not part.endswith(text)


def _lists_clash(facts: Sequence[Fact]) -> bool:
    holding, lacking = set[Any](), set[Any]()
    some: list[set[Any]] = []
    not_all: list[set[Any]] = []
    for one in facts:
        right = one.condition.right
        members = set(right) if isinstance(right, tuple) else {right}
        match one.condition.operator, one.holds:
            case ("has" | "has_all", True):
                holding |= members
            case ("has" | "has_any", False):
                lacking |= members
            case ("has_any", True):
                some.append(members)
            case ("has_all", False):
                not_all.append(members)
    apart = bool(holding & lacking) or any(members <= lacking for members in some)
    return apart or any(members <= holding for members in not_all)
