"""What a fold reads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from lenticular.profiles.kept import Kept
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile


class LookUps(Protocol):
    """What a fold reads: a profile store, or another fold that is not committed yet."""

    def find(self, kind: str, value: str) -> int | None:
        """Return the id of the profile that owns an identity."""

    def get(self, profile_id: int) -> Profile | None:
        """Return a profile that the caller may change."""

    def organization(self, organization_id: str) -> Organization | None:
        """Return an organization that the caller may change."""

    def tally(self, profile_id: int, key: str) -> Any:
        """Return the state of a tally in a row of its own, None if there is none; the caller may change it."""

    def kept(self, profile_id: int) -> Kept | None:
        """Return what is kept of the merge in which a profile went, None if nothing is, or not any more."""

    def next_id(self) -> int:
        """Return the id that the next new profile gets."""

    def mark(self, message_id: str) -> int:
        """Return the 64-bit hash under which a message id is remembered; its key is the store's own."""

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        """Return those of the hashed message ids that were accepted before."""
