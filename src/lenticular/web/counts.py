"""What the hot path counts: plain integers, which /metrics reads now and then."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from lenticular.decide.decision import Decision

BOUNDS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5)
"""Upper bounds of the histogram, in seconds."""


class Histogram:
    """How long something took: how often up to each bound, and in all."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Add one."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.sum += seconds


class Counts:
    """Since the server started: refused requests by reason, decisions by site and reason, and how long they took."""

    def __init__(self) -> None:
        self.refused: defaultdict[str, int] = defaultdict(int)
        self.undecided: defaultdict[str, int] = defaultdict(int)
        self.reasons: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.decided: defaultdict[str, Histogram] = defaultdict(Histogram)

    def decision(self, site: str, decision: Decision, seconds: float) -> None:
        """Count a decision that was answered; each part of it has a reason."""
        reasons = self.reasons
        if decision.page is not None:
            reasons[site, decision.page.reason] += 1
        for slot in decision.slots.values():
            reasons[site, slot.reason] += 1
        self.decided[site].observe(seconds)
