"""Days and instants: ours against the standard library's, in zones with odd changes."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.criteria import calendar as days
from lenticular.criteria.calendar import DAY, Calendar, calendar_of
from lenticular.criteria.duration import Duration

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/Madrid",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # half an hour of summer time
    "America/Sao_Paulo",  # midnights that were skipped or came twice
    "Pacific/Apia",  # 30 December 2011 never was
    "Africa/Casablanca",  # summer time without the month of fasting
    "Europe/Dublin",  # winter time is the exception
    "Asia/Pyongyang",
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1).toordinal()
MIN_DAY, MAX_DAY = date.min.toordinal() - EPOCH_DAY, date.max.toordinal() - EPOCH_DAY
INSTANTS = st.integers(
    (datetime(1900, 1, 2, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1),
    (datetime(2099, 12, 30, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1),
)
DAYS = st.integers(MIN_DAY, MAX_DAY)


def _local(instant: int, zone: str) -> datetime:
    return (EPOCH + timedelta(milliseconds=instant)).astimezone(ZoneInfo(zone))


def _day(value: date) -> int:
    return value.toordinal() - EPOCH_DAY


@given(DAYS)
def test_civil_dates(day: int) -> None:
    expected = date.fromordinal(day + EPOCH_DAY)
    assert days.civil(day) == (expected.year, expected.month, expected.day)
    assert days.day_number(expected.year, expected.month, expected.day) == day
    assert days.weekday(day) == days.WEEKDAYS[expected.weekday()]
    assert (days.month_of(day), days.day_of_month(day)) == (expected.month, expected.day)


@given(st.integers(1, 9999), st.integers(1, 12))
def test_months(year: int, month: int) -> None:
    assert days.days_in_month(year, month) == monthrange(year, month)[1]
    assert days.is_leap(year) == (monthrange(year, 2)[1] == 29)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_age_and_anniversary(born: date, today: date) -> None:
    def on(year: int) -> date:
        return born.replace(year=year, day=min(born.day, monthrange(year, born.month)[1]))

    years = sum(on(year) <= today for year in range(born.year + 1, today.year + 1))
    if born <= today:
        assert days.age(_day(born), _day(today)) == years
    else:
        assert days.age(_day(born), _day(today)) <= 0
    coming = next(on(year) for year in (today.year, today.year + 1) if on(year) >= today)
    assert days.days_until_anniversary(_day(born), _day(today)) == (coming - today).days


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=150)
@given(INSTANTS)
def test_local_time_is_that_of_zoneinfo(zone: str, instant: int) -> None:
    _agrees(calendar_of(zone), zone, instant)


@pytest.mark.parametrize("zone", ZONES)
def test_around_every_change(zone: str) -> None:
    calendar = calendar_of(zone)
    assert len(calendar.offsets) == len(calendar.transitions) + 1
    assert all(before < after for before, after in pairwise(calendar.transitions))
    for change in calendar.transitions:
        for instant in (change - 1, change, change + 1, change - 3_600_000, change + 3_600_000):
            _agrees(calendar, zone, instant)


def _agrees(calendar: Calendar, zone: str, instant: int) -> None:
    local = _local(instant, zone)
    assert calendar.day(instant) == _day(local.date())
    assert calendar.minute(instant) == local.hour * 60 + local.minute
    assert calendar.hour(instant) == local.hour
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    assert calendar.local(instant) - calendar.day(instant) * DAY == (
        local.replace(tzinfo=None) - midnight
    ) // timedelta(milliseconds=1)


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=100)
@given(INSTANTS)
def test_start_of_is_the_first_instant_of_the_day(zone: str, instant: int) -> None:
    _starts(calendar_of(zone), calendar_of(zone).day(instant))


@pytest.mark.parametrize("zone", ZONES)
def test_start_of_around_every_change(zone: str) -> None:
    calendar = calendar_of(zone)
    for change in calendar.transitions:
        for day in range(calendar.day(change) - 1, calendar.day(change) + 2):
            _starts(calendar, day)


def _starts(calendar: Calendar, day: int) -> None:
    start = calendar.start_of(day)
    assert calendar.day(start) >= day
    assert calendar.day(start - 1) < day, (calendar.zone, day)
    # Only the day that a zone left out has no instant of its own.
    assert calendar.day(start) == day or (calendar.zone, day) == ("Pacific/Apia", _day(date(2011, 12, 30)))


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=100)
@given(INSTANTS, st.integers(1, 40))
def test_months_keep_the_local_time_and_clamp(zone: str, instant: int, months: int) -> None:
    calendar, local = calendar_of(zone), _local(instant, zone)
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    moved = local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]), fold=0)
    expected = (moved.astimezone(UTC) - EPOCH) // timedelta(milliseconds=1)
    found = calendar.before(instant, Duration(months=months))
    assert found == expected
    assert instant - found <= Duration(months=months).longest


@given(INSTANTS, st.integers(1, 10**12), st.sampled_from(ZONES))
def test_exact_durations_are_exact(instant: int, milliseconds: int, zone: str) -> None:
    calendar = calendar_of(zone)
    assert calendar.before(instant, Duration(milliseconds)) == instant - milliseconds
    assert calendar.before(instant, Duration(milliseconds), sign=1) == instant + milliseconds


@pytest.mark.parametrize("zone", ["", "Nowhere/City", "../../etc/passwd", "/etc/localtime", "Madrid", "utc+2"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone; write an IANA name"):
        calendar_of(zone)


def test_a_calendar_is_made_once_per_zone() -> None:
    assert calendar_of("Europe/Madrid") is calendar_of("Europe/Madrid")
