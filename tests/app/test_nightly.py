"""Three o'clock in the night, also when the clocks change."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from lenticular.app.jobs.nightly import last_night
from lenticular.criteria.calendar import calendar_of


def ms(text: str, zone: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("UTC", "2026-11-29T03:00", "2026-11-29T03:00"),
        ("UTC", "2026-11-29T02:59", "2026-11-28T03:00"),
        ("Europe/Madrid", "2026-11-29T23:59", "2026-11-29T03:00"),
        ("Europe/Madrid", "2026-03-29T12:00", "2026-03-29T03:00"),  # 02:00 becomes 03:00
        ("Europe/Madrid", "2026-10-25T12:00", "2026-10-25T03:00"),  # 03:00 becomes 02:00, and it is three once more
        ("America/New_York", "2026-11-01T02:30", "2026-10-31T03:00"),
    ],
)
def test_the_newest_three_o_clock(zone: str, now: str, expected: str) -> None:
    found = last_night(calendar_of(zone), ms(now, zone))
    assert datetime.fromtimestamp(found / 1000, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") == expected
