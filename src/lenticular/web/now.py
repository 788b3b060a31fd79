"""The clock and the dice, read in one place and passed on from there."""

from __future__ import annotations

import os
import time


def now() -> int:
    """Return now, in milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """Return a random id, 32 hexadecimal digits."""
    return os.urandom(16).hex()
