"""Who always sees the default: the site's holdout, and that of a single experience (DESIGN §7)."""

from __future__ import annotations

from collections.abc import Set

import msgspec

from lenticular.catalog.site import Site
from lenticular.experiments.assign import belongs


class ReadyHoldout(msgspec.Struct, frozen=True):
    """A site's holdout, ready for use: `draw` names it among all draws of lots. `off`: nobody is in it."""

    share: float
    draw: str
    without: frozenset[str]
    off: bool = False

    def holds(self, bucketing_id: str, matching: Set[str]) -> bool:
        """Return whether a visitor sees the default of everything; nobody without a bucketing id does."""
        if self.off or not bucketing_id:
            return False
        return belongs(self.draw, bucketing_id, self.share) and self.without.isdisjoint(matching)

    def holds_from(self, place: str, experience: str, share: float, bucketing_id: str, matching: Set[str]) -> bool:
        """Return whether a visitor belongs to the share of one experience of a place that sees the default instead."""
        if self.off or not (share and bucketing_id):
            return False
        draw = f"{self.draw} {place} {experience}"
        return belongs(draw, bucketing_id, share) and self.without.isdisjoint(matching)


def ready_holdout(site: Site) -> ReadyHoldout:
    """Return the holdout of a site."""
    one = site.holdout
    return ReadyHoldout(one.share, f"holdout {one.seed or site.key}", frozenset(one.without))
