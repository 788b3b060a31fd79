"""Days, minutes and instants in a site's time zone, from one table of offsets that Python and SQL share.

ClickHouse and Python carry different zone tables, so SQL does no calendar arithmetic: what it needs is bound as
numbers that come from here. Days count from 1970-01-01, instants in milliseconds from 1970-01-01T00:00Z.
Civil-date formulas: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lenticular.criteria.duration import Duration

DAY = 86_400_000
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def civil(day: int) -> tuple[int, int, int]:
    """Return year, month and day of the month of a day number (proleptic Gregorian)."""
    era, of_era = divmod(day + 719_468, 146_097)
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + year + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1


def day_number(year: int, month: int, day: int) -> int:
    """Return the day number of a date; the inverse of `civil`."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def is_leap(year: int) -> bool:
    """Return whether a year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in_month(year: int, month: int) -> int:
    """Return the length of a month in days."""
    return 29 if month == 2 and is_leap(year) else (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def weekday(day: int) -> str:
    """Return mon … sun."""
    return WEEKDAYS[(day + 3) % 7]


def month_of(day: int) -> int:
    """Return the month of a day number, 1 … 12."""
    return civil(day)[1]


def day_of_month(day: int) -> int:
    """Return the day of the month of a day number, 1 … 31."""
    return civil(day)[2]


def anniversary(year: int, month: int, day: int) -> int:
    """Return the day number of an anniversary in a year; 29 February counts on the 28th where there is none."""
    return day_number(year, month, min(day, days_in_month(year, month)))


def age(day: int, today: int) -> int:
    """Return full years from a day to today; negative for a day to come."""
    year, month, of_month = civil(day)
    now = civil(today)[0]
    return now - year - (today < anniversary(now, month, of_month))


def days_until_anniversary(day: int, today: int) -> int:
    """Return the days from today to the next anniversary of a day, 0 … 365."""
    _, month, of_month = civil(day)
    year = civil(today)[0]
    this = anniversary(year, month, of_month)
    return (this if this >= today else anniversary(year + 1, month, of_month)) - today


class Calendar:
    """The local time of one zone. Build it through `calendar_of`, which keeps one per zone.

    `transitions` are the instants (ms) at which the offset from UTC changes, `offsets` the offsets (ms) before the
    first, between them and after the last: one more than transitions. They cover 1900 to 2099.
    """

    def __init__(self, zone: str) -> None:
        self.zone = zone
        self.transitions, self.offsets = _offsets(ZoneInfo(zone))
        self._starts = lru_cache(maxsize=512)(self._start_of)

    def local(self, instant: int) -> int:
        """Return local milliseconds since local 1970-01-01T00:00."""
        return instant + self.offsets[bisect_right(self.transitions, instant)]

    def day(self, instant: int) -> int:
        """Return the local day number of an instant."""
        return (instant + self.offsets[bisect_right(self.transitions, instant)]) // DAY

    def minute(self, instant: int) -> int:
        """Return the minute of the local day, 0 … 1439."""
        return self.local(instant) % DAY // 60_000

    def hour(self, instant: int) -> int:
        """Return the local hour, 0 … 23."""
        return self.local(instant) % DAY // 3_600_000

    def instant(self, local: int) -> int:
        """Return the first instant with a local time; a skipped one is read with the offset before the skip."""
        near = range(
            bisect_right(self.transitions, local - 2 * DAY),
            bisect_right(self.transitions, local + 2 * DAY) + 1,
        )
        exact = [local - self.offsets[at] for at in near if self.local(local - self.offsets[at]) == local]
        return min(exact) if exact else local - self.offsets[near[0]]

    def start_of(self, day: int) -> int:
        """Return the first instant of a local day (of the next one there is, if a zone left that day out)."""
        return self._starts(day)

    def _start_of(self, day: int) -> int:
        start = self.instant(day * DAY)
        at = bisect_right(self.transitions, start)
        changes = self.transitions[max(at - 1, 0) : at]
        return min([start, *(change for change in changes if self.day(change) >= day)])

    def before(self, instant: int, duration: Duration, sign: int = -1) -> int:
        """Return the instant a duration before another (after it with `sign` 1).

        Months step by the local calendar, keep the local time, and are clamped to the month's last day.
        """
        if not duration.months:
            return instant + sign * duration.milliseconds
        day, of_day = divmod(self.local(instant), DAY)
        year, month, of_month = civil(day)
        year, month = divmod(year * 12 + month - 1 + sign * duration.months, 12)
        day = day_number(year, month + 1, min(of_month, days_in_month(year, month + 1)))
        return self.instant(day * DAY + of_day)


@cache
def calendar_of(zone: str) -> Calendar:
    """Return the calendar of an IANA zone such as `Europe/Madrid`. Raises ValueError for an unknown zone."""
    try:
        return Calendar(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{zone!r} is not a time zone; write an IANA name such as Europe/Madrid or UTC.") from None


def _offsets(zone: ZoneInfo) -> tuple[list[int], list[int]]:
    """Find the changes of a zone's offset; zoneinfo has no public table, so they are searched for."""
    step = timedelta(days=6)
    at, offset = _FIRST, _offset(zone, _FIRST)
    transitions: list[int] = []
    offsets = [offset]
    while at < _LAST:
        after = at + step
        found = _offset(zone, after)
        if found != offset:
            low, high = at, after
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if _offset(zone, middle) == offset else (low, middle)
            transitions.append(int((high - _EPOCH) // timedelta(milliseconds=1)))
            offset = _offset(zone, high)
            offsets.append(offset)
            after = high
        at = after
    return transitions, offsets


def _offset(zone: ZoneInfo, at: datetime) -> int:
    return int((at.astimezone(zone).utcoffset() or timedelta()) // timedelta(milliseconds=1))
