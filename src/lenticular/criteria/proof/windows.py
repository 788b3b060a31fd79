"""Whether one window lies in another, whenever it is looked at."""

from __future__ import annotations

from lenticular.criteria.calendar import DAY
from lenticular.criteria.duration import Duration
from lenticular.criteria.proof.rights import no_longer
from lenticular.criteria.tree import Date, Datetime, Window
from lenticular.criteria.window import day_of, duration, instant_of

_NOTHING = Duration()
_AT_MOST = {"today": 2, "week": 9, "month": 33}
"""How many days a calendar window reaches back at most, with room for zones that leave a day out."""
_HOLDS = {"today": ("week", "month")}


def lies_in(one: Window, other: Window) -> bool:
    """Return whether every event of a window is surely in another."""
    return (
        _within(one.within, other.within)
        and (other.after is None or (one.after is not None and _no_later(other.after, one.after)))
        and (other.before is None or (one.before is not None and _no_later(one.before, other.before)))
    )


def _within(one: str | tuple[str, str] | None, other: str | tuple[str, str] | None) -> bool:
    if other is None or one == other:
        return True
    if one is None or other in ("today", "week", "month", "session") or one == "session":
        return isinstance(one, str) and isinstance(other, str) and other in _HOLDS.get(one, ())
    (far, near), (other_far, other_near) = _span(one), _span(other)
    return no_longer(far, other_far) and no_longer(other_near, near)


def _span(within: str | tuple[str, str]) -> tuple[Duration, Duration]:
    if isinstance(within, tuple):
        return duration(within[0]), duration(within[1])
    if within in _AT_MOST:
        return Duration(milliseconds=_AT_MOST[within] * DAY), _NOTHING
    return duration(within), _NOTHING


def _no_later(one: Date | Datetime, other: Date | Datetime) -> bool:
    if isinstance(one, Date) and isinstance(other, Date):
        return day_of(one) <= day_of(other)
    if isinstance(one, Datetime) and isinstance(other, Datetime):
        return instant_of(one) <= instant_of(other)
    return False
