"""Integer formulas over day numbers and local milliseconds, as ClickHouse expressions; those of `calendar.py`.

`day` stands for an expression of type Int64, days since 1970-01-01, not before the year 1.
"""

from __future__ import annotations

from lenticular.criteria.calendar import DAY, anniversary, civil, is_leap
from lenticular.criteria.calendar import days_until_anniversary as days_until


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
    return f"(intDiv({_month_day(day)}, 100))"


def day_of_month(day: str) -> str:
    """Return the day of the month, 1 … 31."""
    return f"({_month_day(day)} % 100)"


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
    return f"{table}[(intDiv({_month_day(day)}, 100) - 1) * 31 + {_month_day(day)} % 100]"


def _of_era(day: str) -> str:
    return f"(({day} + 719468) % 146097)"


def _year_of_era(day: str) -> str:
    of_era = _of_era(day)
    return f"intDiv({of_era} - intDiv({of_era}, 1460) + intDiv({of_era}, 36524) - intDiv({of_era}, 146096), 365)"


def _of_year(day: str) -> str:
    year = _year_of_era(day)
    return f"({_of_era(day)} - (365 * {year} + intDiv({year}, 4) - intDiv({year}, 100)))"


def _month_day(day: str) -> str:
    """Return month · 100 + day of the month; the year of the formula begins on 1 March."""
    of_year = _of_year(day)
    shifted = f"intDiv(5 * {of_year} + 2, 153)"
    return f"(if({shifted} < 10, {shifted} + 3, {shifted} - 9) * 100 + {of_year} - intDiv(153 * {shifted} + 2, 5) + 1)"


def _year(day: str) -> str:
    shifted = f"intDiv(5 * {_of_year(day)} + 2, 153)"
    return f"(intDiv({day} + 719468, 146097) * 400 + {_year_of_era(day)} + if({shifted} >= 10, 1, 0))"
