"""What keeps preview links."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lenticular.accounts.shared_preview import SharedPreview


class PreviewStore(Protocol):
    """Which preview links were made, and which were taken back. Called from threads; each call is one transaction.

    All raise StoreError when the database can't be asked.
    """

    def ended(self, now: int) -> dict[str, int]:
        """Return the ids of all links that were taken back and are not over by now, and when they are (ms)."""

    def of(self, site: str) -> list[SharedPreview]:
        """Return the links of a site, the newest first."""

    def add(self, new: SharedPreview, most: int) -> bool:
        """Keep a new link; False, and nothing is kept, if its site has so many that are neither over nor taken back."""

    def end(self, identity: str, at: int) -> None:
        """Take a link back at a moment (ms), unless it was before."""

    def used(self, days: Mapping[str, int]) -> None:
        """Note the days (ms) on which links, by their ids, were looked at last."""

    def forget(self, now: int) -> int:
        """Delete the links that are over; return how many."""
