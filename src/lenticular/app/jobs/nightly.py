"""What is done every night, at three."""

from __future__ import annotations

from typing import Any

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.errors import LenticularError, Problem

_THREE = 3 * 3_600_000


def last_night(calendar: Calendar, now: int) -> int:
    """Return the newest moment (ms) at which it was three o'clock in a zone."""
    day = calendar.day(now)
    tonight = calendar.instant(day * DAY + _THREE)
    return tonight if tonight <= now else calendar.instant((day - 1) * DAY + _THREE)


def no_arguments(arguments: dict[str, Any]) -> None:
    """Refuse arguments where there are none. Raises LenticularError."""
    if arguments:
        raise LenticularError(Problem("job.arguments", "This kind takes no arguments.", "arguments", "Leave them out."))
