"""Durations as rules write them: `30s 5m 2h 7d 2w 3mo 1y`."""

from __future__ import annotations

import re

import msgspec

_FORM = re.compile(r"([1-9]\d{0,8})(s|mo|m|h|d|w|y)")
_MILLISECONDS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LONGEST_YEARS = 200
HINT = 'Write a whole number and a unit: "30s", "5m", "2h", "7d", "2w", "3mo" (months) or "1y", at most 200 years.'


class Duration(msgspec.Struct, frozen=True):
    """Exact milliseconds, or calendar months; the other is 0. A day is 24 hours, a year 12 months."""

    milliseconds: int = 0
    months: int = 0

    @property
    def longest(self) -> int:
        """Milliseconds that it can't exceed, whatever the calendar."""
        return self.milliseconds + self.months * 31 * 86_400_000 + (7_200_000 if self.months else 0)


def parse_duration(text: str) -> Duration | None:
    """Return the duration that a text names, or None if it names none (or one of more than 200 years)."""
    found = _FORM.fullmatch(text)
    if not found:
        return None
    amount, unit = int(found[1]), found[2]
    if unit in ("mo", "y"):
        duration = Duration(months=amount * (12 if unit == "y" else 1))
    else:
        duration = Duration(milliseconds=amount * _MILLISECONDS[unit])
    return duration if duration.longest <= Duration(months=_LONGEST_YEARS * 12).longest else None


def is_empty_span(start: str, end: str) -> bool:
    """Return whether nothing can lie between two durations before now, the first of which should be the longer."""
    first, second = parse_duration(start), parse_duration(end)
    return first is not None and second is not None and first.longest <= second.longest
