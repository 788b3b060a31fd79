"""Which of two right sides is surely the smaller one, at every moment and in every zone."""

from __future__ import annotations

from lenticular.criteria.calendar import DAY
from lenticular.criteria.duration import Duration
from lenticular.criteria.operands import Condition
from lenticular.criteria.tree import Ago, Ahead, Date, Datetime, Right, Today
from lenticular.criteria.window import day_of, duration, instant_of

Token = tuple[str, object]
"""A line of values that can be compared with each other, and the place on it."""

_MARGIN = 2 * DAY
_SHORTEST_MONTH = 28 * DAY


def token(one: Condition) -> Token:
    """Return the right side of a condition. An instant that means its local day equals only itself."""
    value: Right = one.right
    if one.compared == "date" and isinstance(value, Datetime | Ago | Ahead):
        return "day of", value
    match value:
        case Date():
            return "day", day_of(value)
        case Datetime():
            return "instant", instant_of(value)
        case Ago(text):
            return "now", (-1, duration(text))
        case Ahead(text):
            return "now", (1, duration(text))
        case Today():
            return "today", 0
    return "number" if isinstance(value, float) else "other", value


def at_most(one: Token, other: Token) -> bool:
    """Return whether a right side is surely not above another."""
    return one == other or _below(one, other, strictly=False)


def below(one: Token, other: Token) -> bool:
    """Return whether a right side is surely below another."""
    return one != other and _below(one, other, strictly=True)


def _below(one: Token, other: Token, strictly: bool) -> bool:
    match one, other:
        case ("number" | "day" | "instant", int() | float() as low), (line, int() | float() as high):
            return line == one[0] and low <= high and not (strictly and low == high)
        case ("now", (int() as side, Duration() as far)), ("now", (int() as other_side, Duration() as near)):
            if side != other_side:
                return side < other_side
            if strictly and (far.months or near.months):
                return False
            return no_longer(far, near) if side > 0 else no_longer(near, far)
    return False


def no_longer(one: Duration, other: Duration) -> bool:
    """Return whether a duration is surely not longer than another, whichever months it falls on."""
    if bool(one.months) == bool(other.months):
        return (one.months, one.milliseconds) <= (other.months, other.milliseconds)
    if one.months:
        return one.longest + _MARGIN <= other.milliseconds
    return one.milliseconds <= other.months * _SHORTEST_MONTH - _MARGIN
