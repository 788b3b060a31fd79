"""What keeps events and profiles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from lenticular.profiles.event import Event
from lenticular.profiles.fold import FoldResult as FoldResult
from lenticular.profiles.fold import LookUps as LookUps
from lenticular.profiles.kept import Kept
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile
from lenticular.profiles.sheet import Sheet

Clock = Callable[[], int]
"""Returns now, in milliseconds since 1970-01-01T00:00Z."""


class Batch(msgspec.Struct, frozen=True):
    """Rows on their way to one table of the events store; first and last are sequence numbers.

    `lines` is JSONEachRow, or of `events` an Arrow stream (`stores.streams`).

    A batch is cut once and stays as it was cut, so that `token` names its content: sent twice, it counts
    once. `part` tells a piece of it (`/0-499`: its rows 0 to 499), cut out to find a row that is refused.
    """

    table: str
    first: int
    last: int
    rows: int
    lines: bytes
    part: str = ""

    @property
    def token(self) -> str:
        """What the events store knows this batch by."""
        return f"{self.table}:{self.first}-{self.last}{self.part}"


class Counted(msgspec.Struct, frozen=True):
    """A tally that is counted, by its key: in every profile from the journal's `position` on.

    What happened before is added from the log, in the order of (profile id, sequence number) as the log has them, and
    is there up to `upto`. `last_id` was the newest profile then: younger ones have no such past. `generation` is the
    one in which the counting began: tallies that began together have all of this in common.
    """

    key: str
    generation: int
    position: int
    last_id: int
    upto: tuple[int, int]

    @property
    def complete(self) -> bool:
        """Whether nothing is left to add."""
        return self.upto[0] > self.last_id


class Events(Protocol):
    """The columnar log: events, profiles, organizations, sessions, merges of one site (a database of its own)."""

    async def open(self) -> None:
        """Create or migrate the site's tables. Raises EventsUnavailableError."""

    async def insert(self, batch: Batch) -> None:
        """Write a batch durably, exactly once by its token.

        Raises EventsUnavailableError when it should be tried again, and LenticularError when a row of the
        batch is refused (the caller bisects).
        """

    async def query(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT whose values are bound as `{name:Type}`. Raises EventsUnavailableError."""


class Journal(Protocol):
    """Accepted events in the order of their arrival. What `append` returned for is on disk."""

    def append(self, events: Sequence[Event]) -> range:
        """Write events durably (one fsync for all of them) and return their sequence numbers."""

    def append_sheet(self, sheet: Sheet) -> range:
        """Write the events of a sheet durably, and return their sequence numbers."""

    def read(self, after: int, limit: int) -> list[tuple[int, Event]]:
        """Return up to `limit` events with a sequence number above `after`, in order."""

    def last(self) -> int:
        """Return the newest sequence number, 0 for an empty journal."""

    def forget(self, upto: int, before_day: int, most_bytes: int | None = None) -> int:
        """Let go of what arrived before a day (days since 1970), and of the oldest beyond so many bytes.

        Nothing above `upto` goes. Returns how many events went.
        """


class ProfileStore(Protocol):
    """One value per profile, the identities that lead to it, and the rows that wait for the events store."""

    def find(self, kind: str, value: str) -> int | None:
        """Return the id of the profile that owns an identity (`kind` is `user` or `anonymous`)."""

    def get(self, profile_id: int) -> Profile | None:
        """Return a profile."""

    def organization(self, organization_id: str) -> Organization | None:
        """Return an organization."""

    def tally(self, profile_id: int, key: str) -> Any:
        """Return the state of a tally in a row of its own, None if there is none."""

    def kept(self, profile_id: int) -> Kept | None:
        """Return what is kept of the merge in which a profile went, None if nothing is, or not any more."""

    def count(self, keys: Collection[str]) -> None:
        """Count these tallies and no others from the position that is folded on; those that are counted go on."""

    def counted(self) -> tuple[int, list[Counted]]:
        """Return the generation of the newest tallies, and all that are counted."""

    def survivors(self, profile_ids: Iterable[int]) -> dict[int, int]:
        """Return into which profiles those of some that are gone were merged."""

    def next_id(self) -> int:
        """Return the id that the next new profile gets."""

    def folded(self) -> int:
        """Return the sequence number up to which the journal has been folded."""

    def commit(self, result: FoldResult) -> None:
        """Write a fold's result in one durable transaction: profiles, identities, rows, position."""

    def mark(self, message_id: str) -> int:
        """Return the 64-bit hash under which a message id is remembered; its key is the store's own."""

    def marks(self, message_ids: Iterable[str]) -> list[int]:
        """Return the marks of many message ids."""

    def has_seen(self, message_hashes: Iterable[int]) -> set[int]:
        """Return those of the hashed message ids that were accepted in the last 30 days."""

    def ahead(self, identities: Iterable[tuple[str, str]], message_hashes: Iterable[int]) -> LookUps:
        """Return look-ups with these (kind, value) identities, their profiles and these hashes at hand.

        They hold until the next commit; what else is asked is looked up as always.
        """

    def properties(self) -> dict[tuple[str, str], str]:
        """Return the registered properties: (scope, name) to type; scope is user, organization, session, event or
        context.
        """

    def register(self, properties: Mapping[tuple[str, str], str]) -> None:
        """Register properties, (scope, name) to type; one that is registered keeps its type."""

    def cut(self, max_rows: int) -> list[Batch]:
        """Return the batches to send next, one per table at most; the same ones until they are done."""

    def done(self, batch: Batch) -> None:
        """Forget a batch that the events store has."""

    def quarantine(self, batch: Batch, reason: str) -> None:
        """Keep a row (a batch of one) that the events store refuses, and why."""

    def quarantined(self) -> list[tuple[str, bytes, str]]:
        """Return the rows that were refused: table, line, reason."""

    def everyone(self) -> Iterable[Profile]:
        """Return every profile, in the order of their ids; for jobs, never for a decision."""

    def unsent(self) -> int | None:
        """Return the sequence number at which the oldest slice that waits to be sent begins; None if nothing waits."""

    def waiting(self) -> int:
        """Return how many rows wait to be sent."""
