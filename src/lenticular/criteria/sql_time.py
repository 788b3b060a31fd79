"""Formulas over day numbers and local milliseconds, as ClickHouse expressions; those of `calendar.py`.

`day` stands for an expression of type Int64, days since 1970-01-01. The calendar repeats after 400 years, which is
what a Date32 (no zone, 1900 … 2299) covers exactly, so that every day number has its date.
"""

from __future__ import annotations

from lenticular.criteria.calendar import DAY, anniversary, civil, day_number, is_leap
from lenticular.criteria.calendar import days_until_anniversary as days_until

_FIRST = day_number(1900, 1, 1)
_CYCLE = 146_097


def day(local: str) -> str:
    """Return the day number of local milliseconds; rounds down before 1970 too."""
    return f"intDiv({local} - positiveModulo({local}, {DAY}), {DAY})"


def hour(local: str) -> str:
    """Return the local hour, 0 … 23."""
    return f"intDiv(positiveModulo({local}, {DAY}), 3600000)"


def weekday(day: str) -> str:
    """Return mon … sun."""
    return f"['mon','tue','wed','thu','fri','sat','sun'][positiveModulo({day} + 3, 7) + 1]"


def month(day: str) -> str:
    """Return the month, 1 … 12."""
    return f"toMonth({_date(day)})"


def week(day: str) -> str:
    """Return a number for each week from Monday; rounds down before 1970 too."""
    return f"intDiv({day} + 3 - positiveModulo({day} + 3, 7), 7)"


def month_number(day: str) -> str:
    """Return a number for each month of each year."""
    return f"({_year(day)} * 12 + {month(day)})"


def day_of_month(day: str) -> str:
    """Return the day of the month, 1 … 31."""
    return f"toDayOfMonth({_date(day)})"


def age(day: str, today: int) -> str:
    """Return full years up to `today`; 29 February counts on the 28th where there is none."""
    year, month_now, day_now = civil(today)
    month_day = _month_day(day)
    counted = month_day if is_leap(year) else f"if({month_day} = 229, 228, {month_day})"
    return f"({year} - {_year(day)} - if({month_now * 100 + day_now} < {counted}, 1, 0))"


def anniversaries(today: int) -> list[int]:
    """Return the days until the next anniversary of each (month, day), at (month − 1) · 31 + day − 1."""
    leap_year = 2000
    found = []
    for at in range(372):
        month_at, day_at = at // 31 + 1, at % 31 + 1
        exists = anniversary(leap_year, month_at, day_at)
        found.append(days_until(exists, today))
    return found


def days_until_anniversary(day: str, table: str) -> str:
    """Return the days until the next anniversary, looked up in a bound array of `anniversaries`."""
    return f"{table}[(toMonth({_date(day)}) - 1) * 31 + toDayOfMonth({_date(day)})]"


def _date(day: str) -> str:
    """Return the day in 1900 … 2299, all that a Date32 can hold, that has the same date in another 400 years."""
    return f"toDate32(positiveModulo({day} - ({_FIRST}), {_CYCLE}) + ({_FIRST}))"


def _month_day(day: str) -> str:
    """Return month · 100 + day of the month."""
    return f"(toMonth({_date(day)}) * 100 + toDayOfMonth({_date(day)}))"


def _year(day: str) -> str:
    cycles = f"intDiv({day} - ({_FIRST}) - positiveModulo({day} - ({_FIRST}), {_CYCLE}), {_CYCLE})"
    return f"(toYear({_date(day)}) + 400 * {cycles})"
