"""How long a call takes, in processor time: the best of many short rounds, since noise only ever adds."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time


def seconds_per_call(call: Callable[[], object], rounds: int = 15, at_least: float = 0.03) -> float:
    """Return the time of one call in the best of `rounds` rounds of at least `at_least` seconds."""
    call()
    times = []
    for _ in range(rounds):
        calls = 0
        start = process_time()
        while (taken := process_time() - start) < at_least:
            call()
            calls += 1
        times.append(taken / calls)
    return min(times)
