from __future__ import annotations

import pytest

from lenticular.webhooks.retry import TRIES, next_try, seconds_of

DAY = 86_400_000


def test_there_are_eight_tries_within_a_day() -> None:
    now, pauses = 0, []
    for attempt in range(1, TRIES):
        due = next_try(attempt, now)
        assert due is not None
        pauses.append(due - now)
        now = due
    assert next_try(TRIES, now) is None and TRIES == 8
    assert pauses == sorted(pauses) and pauses[0] == 5_000 and 0.9 * DAY < now < 1.1 * DAY


@pytest.mark.parametrize(
    ("asked", "after"), [(None, 5_000), (0, 5_000), (-5, 5_000), (3, 5_000), (60, 60_000), (10**9, DAY)]
)
def test_a_receiver_may_ask_for_more_time(asked: int | None, after: int) -> None:
    assert next_try(1, 7, asked) == after + 7


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("²", None),
    ],
)
def test_what_retry_after_says(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds
