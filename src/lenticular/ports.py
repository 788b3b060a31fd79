"""What the domain asks of the outside world. Every store of a port passes one contract suite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from lenticular.accounts.entry import Entry, Wanted
from lenticular.accounts.link import Link, Purpose
from lenticular.accounts.session import Session
from lenticular.accounts.site_key import SiteKey
from lenticular.accounts.token import Token
from lenticular.accounts.user import User
from lenticular.catalog.proposal import Proposal, ProposalState
from lenticular.catalog.stored import (
    Draft,
    Live,
    Publication,
    PublicationState,
    Publishing,
    Revision,
    Search,
    Stored,
)
from lenticular.jobs.job import Job, State, WantedJobs
from lenticular.profiles.event import Event
from lenticular.profiles.fold import FoldResult as FoldResult
from lenticular.profiles.fold import LookUps as LookUps
from lenticular.profiles.kept import Kept
from lenticular.profiles.organization import Organization
from lenticular.profiles.profile import Profile

Clock = Callable[[], int]
"""Returns now, in milliseconds since 1970-01-01T00:00Z."""


class Batch(msgspec.Struct, frozen=True):
    """Rows on their way to one table of the events store: `lines` is JSONEachRow; first and last are sequence numbers.

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


class CatalogStore(Protocol):
    """Definitions, drafts, revisions and publications of all sites. Called from threads; each call is one transaction.

    All raise StoreError when the database can't be asked, LenticularError for a value that it can't keep.
    """

    def sites(self) -> list[str]:
        """Return the keys of the sites that have something published."""

    def live(self, site: str) -> Live | None:
        """Return what is live at a site."""

    def definitions(self, site: str, search: Search) -> list[Stored]:
        """Return definitions in the order of their kinds and keys."""

    def find(self, site: str, kind: str, name: str) -> Stored | None:
        """Return a definition by its id, or by its key; of deleted ones, only the newest with the key."""

    def drafts(self, site: str) -> list[Draft]:
        """Return all that is being edited, in the order of kinds and keys."""

    def draft(self, definition: str, version: int | None = None) -> Draft | None:
        """Return a definition's draft, or an earlier version of it while that is still kept."""

    def save(self, site: str, draft: Draft, expected: int) -> Draft:
        """Write a draft as a new version; a definition that is new comes about with it.

        Raises ConflictError if its current version (0: none) is not the expected one, or if the key is taken.
        """

    def discard(self, definition: str, expected: int) -> None:
        """Drop a draft; a definition that was never published goes with it. Raises ConflictError like `save`."""

    def publish(self, site: str, publishing: Publishing, ready: Callable[[], None]) -> Publication:
        """Write a publication, all of it or nothing; `ready` is called just before that becomes durable.

        Raises ConflictError if a definition has a newer revision than its change takes for granted, a draft another
        version, a key is taken, or another publication is live than the expected one.
        """

    def revisions(self, definition: str, before: int | None, limit: int) -> list[Revision]:
        """Return a definition's revisions, the newest first, below a number."""

    def revision(self, definition: str, number: int) -> Revision | None:
        """Return one revision."""

    def publications(
        self, site: str, before: int | None, limit: int, state: PublicationState | None = None
    ) -> list[Publication]:
        """Return publications, the newest first: those that follow the one with the id `before`.

        What is planned stands where it was planned, until it is published.
        """

    def publication(self, site: str, publication: int) -> Publication | None:
        """Return one publication."""

    def brought(self, publication: int) -> list[Revision]:
        """Return the revisions that a publication brought."""

    def as_of(self, site: str, publication: int) -> list[Revision]:
        """Return the newest revision that each definition had once a publication was done."""

    def plan(self, planned: Publication, approved: Proposal | None = None) -> Publication:
        """Keep a publication that is to come about later; its id is given here.

        `approved` is what it comes from. Raises ConflictError, like `publish`, if that is not open any more.
        """

    def due(self, now: int) -> list[Publication]:
        """Return the planned publications of all sites that are due, the earliest first."""

    def settle(self, publication: int, state: PublicationState, reason: str) -> bool:
        """End a planned publication that did not come about; False if it was not planned any more."""

    def propose(self, given: Proposal) -> Proposal:
        """Keep a new proposal; its id is given here."""

    def proposals(self, site: str, before: int | None, limit: int, state: ProposalState | None) -> list[Proposal]:
        """Return a site's proposals, the newest first, below an id."""

    def proposal(self, site: str, identity: int) -> Proposal | None:
        """Return one proposal."""

    def settle_proposal(self, settled: Proposal) -> bool:
        """End an open proposal as it is given here; False if it is not open any more."""


class AccountStore(Protocol):
    """Users, sessions, tokens, links, and the audit log. Called from threads; each call is one transaction.

    All raise StoreError when the database can't be asked.
    """

    def users(self) -> list[User]:
        """Return all users, in the order of their e-mail addresses."""

    def user(self, identity: str) -> User | None:
        """Return a user by their id."""

    def user_by_email(self, email: str) -> User | None:
        """Return a user by their e-mail address, in any case."""

    def put_user(self, user: User, link: str = "") -> bool:
        """Write a user, and use up the link with this hash: both or, if it was used already (False), neither.

        Raises ConflictError if another one has the e-mail address.
        """

    def remove_user(self, identity: str) -> None:
        """Remove a user; their sessions, tokens and links end with that."""

    def known_to(self, issuer: str, subject: str) -> tuple[bool, User | None]:
        """Return whether someone has come from an OpenID issuer before, and their user: None if that was removed."""

    def subjects(self, user: str, issuer: str) -> list[str]:
        """Return who a user is to an issuer."""

    def join_identity(self, issuer: str, subject: str, user: str, now: int) -> None:
        """Note who a user is to an issuer."""

    def was_removed(self, email: str) -> bool:
        """Return whether a user with this address was removed, and none was added since."""

    def add(self, new: Session | Token | Link) -> None:
        """Keep a new session, token or link."""

    def session(self, identity: str) -> tuple[Session, User] | None:
        """Return a session, open or not, and its user."""

    def sessions(self, user: str) -> list[Session]:
        """Return a user's sessions, the newest first."""

    def session_seen(self, identity: str, now: int) -> None:
        """Note that a session was used."""

    def end_session(self, identity: str) -> None:
        """End a session."""

    def end_sessions(self, user: str, but: str = "") -> None:
        """End the sessions of a user, but for one."""

    def token(self, hashed: str) -> tuple[Token, User | None] | None:
        """Return a token by its hash, and the user whom it belongs to."""

    def tokens(self) -> list[Token]:
        """Return all tokens, the oldest first."""

    def token_used(self, identity: str, now: int) -> None:
        """Note that a token was used."""

    def end_token(self, identity: str) -> None:
        """End a token."""

    def link(self, hashed: str) -> Link | None:
        """Return a link by its hash."""

    def links(self) -> list[Link]:
        """Return all links, the oldest first."""

    def end_link(self, identity: str) -> None:
        """End a link."""

    def end_links(self, purpose: Purpose, user: str | None) -> None:
        """End the links of a purpose, of a user or of none."""

    def forget(self, now: int) -> None:
        """Delete the sessions and links that have expired."""

    def forget_audit(self, before: int) -> int:
        """Delete the lines of the audit log from before a moment (ms), as a setting says; return how many."""

    def note(self, entry: Entry) -> None:
        """Add a line to the audit log. Nothing changes one."""

    def audit(self, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
        """Return lines of the audit log, the newest first, below an id."""


class JobStore(Protocol):
    """The jobs of all sites. Called from threads; each call is one transaction, and StoreError says that it can't be.

    Of one site, kind and key one job is open (waiting or running) at most, and for each slot there is one. What changes
    a running job asks for its owner: another process may have taken it over, or someone cancelled it.
    """

    def put(self, new: Job) -> Job:
        """Keep a new job, its id is given here; or return the open one of the same kind and key, or of its slot."""

    def job(self, identity: int) -> Job | None:
        """Return one job."""

    def open_one(self, site: str, kind: str, key: str) -> Job | None:
        """Return the open job of a site, kind and key."""

    def jobs(self, wanted: WantedJobs, before: int | None, limit: int) -> list[Job]:
        """Return jobs, the newest first, below an id."""

    def due(self, now: int, kinds: Sequence[str], limit: int) -> list[Job]:
        """Return those of some kinds that wait and may begin by now, what has waited longest first."""

    def claim(self, identity: int, owner: str, now: int, lease: int) -> Job | None:
        """Begin a job that waits, one more try, as its owner until `lease` (ms); None if another process was first."""

    def renew(self, owner: str, lease: int) -> set[int]:
        """Own what runs for longer; return the ids of what this owner still has."""

    def went_on(self, job: Job) -> Job | None:
        """Write progress, note and result of a running job; None if it is not its owner's any more."""

    def settle(self, job: Job) -> Job | None:
        """Write how a running job ended, or that it waits again; None if it is not its owner's any more."""

    def cancel(self, identity: int, now: int) -> Job | None:
        """Cancel an open job; None if it is not open."""

    def again(self, identity: int, now: int) -> Job | None:
        """Let one that failed or was cancelled wait again, not tried yet; None if it is not such a one.

        Raises ConflictError if another one of its kind and key is open.
        """

    def release(self, now: int | None) -> list[Job]:
        """Let wait again what runs and whose lease has ended by now (ms); None: all that runs."""

    def counts(self) -> dict[tuple[str, str, State], int]:
        """Return how many jobs there are, by site, kind and state."""

    def failing(self) -> list[Job]:
        """Return the jobs that failed for good and that none of the same site, kind and key has made good since."""

    def forget(self, before: int) -> int:
        """Delete jobs that ended before a moment (ms); return how many."""


class KeyStore(Protocol):
    """The public and secret keys of all sites. Called from threads; each call is one transaction."""

    def every(self) -> list[SiteKey]:
        """Return all keys, also those that have ended, the oldest first."""

    def add(self, new: SiteKey, replaced: int | None = None) -> None:
        """Keep a new key; at `replaced` (ms) the other ones of its site and use end that would last longer.

        Raises ConflictError if there is this key already, of whatever site.
        """

    def replace(self, identity: str, at: int) -> None:
        """Have the other keys of a key's site and use end at a moment (ms), those that would last longer."""

    def end(self, identity: str, at: int) -> None:
        """Have a key end at a moment (ms), unless it ends before."""

    def used(self, days: Mapping[str, int]) -> None:
        """Note the days (ms) on which keys, by their ids, were used last."""
