"""What keeps the catalog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

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
from lenticular.profiles.fold import FoldResult as FoldResult
from lenticular.profiles.fold import LookUps as LookUps


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
