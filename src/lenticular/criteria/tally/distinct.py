"""`distinct`: how many different values a field had; and `periods`, how many calendar periods had an event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lenticular.criteria.calendar import Calendar, civil
from lenticular.criteria.tally.gather import Entry, Gather, time_and_value, time_only


def _different(entry: Callable[[int, int, Any], Entry], value_of: Callable[[Entry], Any]) -> Gather:
    def add(found: dict[Any, bool], one: Entry) -> dict[Any, bool]:
        found[value_of(one)] = True
        return found

    return Gather(
        entry=entry,
        start=dict,
        add=add,
        join=lambda one, other: {**one, **other},
        value=lambda found: float(len(found)),
    )


DISTINCT = _different(time_and_value, lambda entry: entry[1])


def periods(every: str, calendar: Calendar) -> Gather:
    """Return the measure of different local hours (`1h`), days (`1d`), weeks from Monday (`1w`) or months (`1mo`)."""

    def number(time: int) -> int:
        day = calendar.day(time)
        match every:
            case "1h":
                return day * 24 + calendar.hour(time)
            case "1w":
                return (day + 3) // 7
            case "1mo":
                year, month, _ = civil(day)
                return year * 12 + month
        return day

    return _different(time_only, number)
