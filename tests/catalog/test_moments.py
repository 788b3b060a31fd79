from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenticular.catalog.moments import covers, parse_moment, parse_span
from lenticular.criteria.calendar import calendar_of

NEW_YORK = calendar_of("America/New_York")


def ms(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-27", ms("2026-11-27T05:00")),
        ("2026-07-01", ms("2026-07-01T04:00")),
        ("2026-11-27 09:30", ms("2026-11-27T14:30")),
        ("2026-11-27T09:30:15", ms("2026-11-27T14:30:15")),
        ("2026-11-27T09:30Z", ms("2026-11-27T09:30")),
        ("2026-11-27T09:30+02:00", ms("2026-11-27T07:30")),
        # 1 November 2026: the clock shows 1:30 twice; the first is meant. 8 March: it never shows 2:30.
        ("2026-11-01 01:30", ms("2026-11-01T05:30")),
        ("2026-03-08 02:30", ms("2026-03-08T07:30")),
    ],
)
def test_a_moment_is_read_in_the_sites_zone(text: str, expected: int) -> None:
    assert parse_moment(text, NEW_YORK) == expected


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01", "2026-02-30", "2026-11-27 25:00", "27/11/2026", "2026-W48-5", "2026-11"]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    assert parse_moment(text, NEW_YORK) is None
    with pytest.raises(ValueError, match="is not a moment"):
        parse_span(text, None, NEW_YORK)


def test_a_zone_without_midnight_begins_its_day_later() -> None:
    # Cairo's clocks went from 0:00 to 1:00 on 26 April 2024.
    assert parse_moment("2024-04-26", calendar_of("Africa/Cairo")) == ms("2024-04-25T22:00")


ENDS = st.none() | st.integers(0, 6)


@settings(deadline=None)
@given(ENDS, ENDS, ENDS, ENDS)
def test_a_span_covers_another_if_it_is_on_whenever_the_other_is(
    a: int | None, b: int | None, c: int | None, d: int | None
) -> None:
    def on(span: tuple[int | None, int | None], at: int) -> bool:
        return (span[0] is None or span[0] <= at) and (span[1] is None or at < span[1])

    outer, inner = (a, b), (c, d)
    if covers(outer, inner):
        assert all(on(outer, at) for at in range(-1, 8) if on(inner, at))
    elif any(on(inner, at) for at in range(-1, 8)):
        assert not all(on(outer, at) for at in range(-1, 8) if on(inner, at))
