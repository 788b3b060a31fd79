from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenticular.criteria.duration import Duration, is_empty_span, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1s", Duration(1_000)),
        ("30s", Duration(30_000)),
        ("5m", Duration(300_000)),
        ("2h", Duration(7_200_000)),
        ("7d", Duration(604_800_000)),
        ("2w", Duration(1_209_600_000)),
        ("1mo", Duration(months=1)),
        ("18mo", Duration(months=18)),
        ("2y", Duration(months=24)),
        ("200y", Duration(months=2_400)),
        ("73000d", Duration(6_307_200_000_000)),
    ],
)
def test_a_duration_is_read(text: str, expected: Duration) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "d", "0d", "-7d", "+7d", "07d", "7 d", " 7d", "7d ", "7d\n", "7D", "1.5h", "7days", "1M", "7d12h"),
        *("1e3s", "201y", "2401mo", "999999999d", "9999999999s", "٧d", "１d"),
    ],
)
def test_what_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None


@given(st.integers(1, 999), st.sampled_from(["s", "m", "h", "d", "w", "mo", "y"]))
def test_the_longest_is_never_shorter(amount: int, unit: str) -> None:
    duration = parse_duration(f"{amount}{unit}")
    if duration is not None:
        assert duration.longest >= duration.milliseconds
        assert (duration.milliseconds == 0) != (duration.months == 0)
        assert duration.longest >= duration.months * 28 * 86_400_000


@pytest.mark.parametrize(
    ("start", "end", "empty"),
    [
        ("60d", "30d", False),
        ("30d", "60d", True),
        ("7d", "7d", True),
        ("1w", "7d", True),
        ("1mo", "30d", False),
        ("1mo", "40d", True),
        ("1y", "12mo", True),
        ("x", "7d", False),
    ],
)
def test_a_span_goes_back_from_the_longer_to_the_shorter(start: str, end: str, empty: bool) -> None:
    assert is_empty_span(start, end) is empty
