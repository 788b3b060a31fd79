"""When an event happened."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.intake.clock import event_time, instant
from lenticular.intake.refused import RefusedError

NOON = 1_769_860_800_000  # 2026-01-31T12:00Z


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (None, None),
        ("", None),
        ("2026-01-31T12:00:00.000Z", NOON),
        ("2026-01-31T12:00:00", NOON),
        ("2026-01-31T13:30:00+01:30", NOON),
        ("2026-01-31T12:00:00.123456+00:00", NOON + 123),
        ("2026-01-31T12:00:00.123456789Z", NOON + 123),
        ("2026-01-31", NOON - 12 * 3_600_000),
        (NOON, NOON),
        (float(NOON), NOON),
    ],
)
def test_times_that_clients_send(raw: Any, expected: int | None) -> None:
    assert instant(raw, "/timestamp") == expected


@pytest.mark.parametrize("raw", ["yesterday", "1600-01-01T00:00Z", "2200-01-01", NOON // 1000, True, [], 1e300])
def test_what_is_no_time_is_refused(raw: Any) -> None:
    with pytest.raises(RefusedError) as caught:
        instant(raw, "/timestamp")
    assert caught.value.problems[0].place == "/timestamp"


@pytest.mark.parametrize(
    ("timestamp", "sent_at", "received", "expected"),
    [
        (None, None, 1000, 1000),
        (None, 900, 1000, 1000),
        (700, None, 1000, 700),
        (1700, None, 1000, 1000),
        (500_700, 500_900, 1000, 800),  # the client's clock is ahead
        (500_900, 500_700, 1000, 1000),  # said to be sent before it happened
    ],
)
def test_the_client_clock_is_corrected(
    timestamp: int | None, sent_at: int | None, received: int, expected: int
) -> None:
    assert event_time(timestamp, sent_at, received) == expected


_ms = st.integers(0, 4_000_000_000_000)


@given(_ms, _ms, _ms, _ms)
def test_a_wrong_client_clock_changes_nothing(timestamp: int, sent_at: int, received: int, wrong_by: int) -> None:
    assert event_time(timestamp, sent_at, received) <= received
    assert event_time(timestamp + wrong_by, sent_at + wrong_by, received) == event_time(timestamp, sent_at, received)
