"""When a job that did not come to its end is tried again."""

from __future__ import annotations

_PAUSES = (10_000, 60_000, 300_000, 1_800_000)
TRIES = len(_PAUSES) + 1
"""How often most jobs are tried before they have failed for good."""


def next_try(attempt: int, now: int, tries: int = TRIES) -> int | None:
    """Return when to try again (ms) what went wrong at its `attempt`th time; None: not any more."""
    if attempt >= tries:
        return None
    return now + _PAUSES[min(attempt, len(_PAUSES)) - 1]
