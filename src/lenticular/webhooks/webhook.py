"""A webhook: an address that is told what happens at a site."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.catalog.author import Author

Event = Literal["segment.entered", "segment.left", "experience.published", "catalog.published", "job.failed"]
EVENTS: tuple[Event, ...] = (
    "segment.entered",
    "segment.left",
    "experience.published",
    "catalog.published",
    "job.failed",
)
OF_SEGMENTS = frozenset[str](("segment.entered", "segment.left"))
OVERLAP = 86_400_000
"""So long (ms) the secret before the newest signs too, unless whoever changes it says otherwise."""
PATIENCE = 3 * 86_400_000
"""A webhook that nothing got through to for so long (ms) is switched off."""


class Webhook(msgspec.Struct, frozen=True):
    """`events` that go to a `url`; of segments those that are named, with these `traits` of each person and no others.

    `revision` counts changes. `secret` signs; `old_secret` too until `old_until` (ms). `failing` is since when (ms)
    nothing has got through, None if the last try was good. `reason` says why it was switched off by itself.
    `place` is the publication and `ended` the end (ms) of a failed job up to which it has been told.
    """

    id: str
    site: str
    name: str
    url: str
    events: tuple[Event, ...]
    segments: tuple[str, ...]
    traits: tuple[str, ...]
    on: bool
    secret: str
    author: Author
    created: int
    revision: int = 1
    old_secret: str = ""
    old_until: int = 0
    failing: int | None = None
    reason: str = ""
    place: int = 0
    ended: int = 0

    def secrets_at(self, now: int) -> list[str]:
        """Return the secrets that sign at a moment, the newest first."""
        return [self.secret, *([self.old_secret] if self.old_secret and now < self.old_until else [])]

    def watches(self, segment: str) -> bool:
        """Return whether it is told who enters or leaves a segment."""
        return self.on and segment in self.segments and bool(OF_SEGMENTS & set(self.events))
