"""When something that did not get through is tried again."""

from __future__ import annotations

_PAUSES = (5_000, 60_000, 300_000, 1_800_000, 7_200_000, 21_600_000, 54_000_000)
TRIES = len(_PAUSES) + 1
"""Eight within a day; the pauses are near those that Standard Webhooks proposes."""
IN_LINE = 3
"""So many tries keep what comes behind waiting: the order is kept as long as a receiver is away for a minute."""
_LONGEST = 86_400_000


def next_try(attempts: int, now: int, retry_after: int | None = None) -> int | None:
    """Return when to try again (ms) after so many tries; None: not any more.

    `retry_after` (seconds) is what the receiver asks for, at most a day.
    """
    if attempts >= TRIES:
        return None
    asked = 0 if retry_after is None else min(max(retry_after, 0) * 1000, _LONGEST)
    return now + max(_PAUSES[attempts - 1], asked)


def seconds_of(retry_after: str) -> int | None:
    """Return the seconds of a `Retry-After` header; dates are not read (None)."""
    text = retry_after.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
