"""Which segments are being prepared: published, while the past of their behaviours is still being counted."""

from __future__ import annotations

import msgspec

from lenticular.app.site import LiveSite


class Preparing(msgspec.Struct, frozen=True):
    """How much is counted, 0 … 1, in all and by segment, of those that are not complete; `trouble`: why it waits."""

    progress: float
    segments: dict[str, float]
    trouble: str


def preparing(site: LiveSite) -> Preparing:
    """Return how far the counting of new behaviours is; meanwhile a visitor's own past is asked of the log."""
    backfill = site.backfill
    waiting = {key: own for key, own in site.engine.behaviours.items() if own & backfill.preparing.keys()}
    segments = {key: round(backfill.progress(own), 4) for key, own in sorted(waiting.items())}
    return Preparing(round(backfill.progress(backfill.preparing), 4), segments, backfill.trouble)
