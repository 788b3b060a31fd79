"""`distinct`: how many different values a field had; and `periods`, how many calendar periods had an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lenticular.criteria.calendar import Calendar, civil
from lenticular.criteria.tally.gather import Gather


def _add(found: dict[Any, bool], time: int, tie: int, value: Any) -> dict[Any, bool]:
    found[value] = True
    return found


DISTINCT = Gather(
    columns=2,
    start=dict,
    add=_add,
    join=lambda one, other: {**one, **other},
    value=lambda found: float(len(found)),
    over=lambda columns, first, end: float(len(set(columns[1][first:end]))),
)


def period_of(every: str, calendar: Calendar) -> Callable[[int], int]:
    """Return what numbers the local hour (`1h`), day (`1d`), week from Monday (`1w`) or month (`1mo`) of a time."""

    def month(time: int) -> int:
        year, month, _ = civil(calendar.day(time))
        return year * 12 + month

    match every:
        case "1h":
            return lambda time: calendar.day(time) * 24 + calendar.hour(time)
        case "1w":
            return lambda time: (calendar.day(time) + 3) // 7
        case "1mo":
            return month
    return calendar.day
