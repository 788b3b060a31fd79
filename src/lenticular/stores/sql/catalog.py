"""The catalogs of all sites in a relational database: `ports.CatalogStore`."""

from __future__ import annotations

from collections.abc import Callable

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
from lenticular.stores.sql import definitions, drafts, proposals, publications
from lenticular.stores.sql.database import SqlDatabase


class SqlCatalogs:
    """Each call is one transaction, of the thread that calls."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def sites(self) -> list[str]:
        """Return the keys of the sites that have something published."""
        with self._database.read() as connection:
            return definitions.sites(connection)

    def live(self, site: str) -> Live | None:
        """Return what is live at a site."""
        with self._database.read() as connection:
            return definitions.live(connection, site)

    def definitions(self, site: str, search: Search) -> list[Stored]:
        """Return definitions in the order of their kinds and keys."""
        with self._database.read() as connection:
            return definitions.search(connection, site, search)

    def find(self, site: str, kind: str, name: str) -> Stored | None:
        """Return a definition by its id, or by its key."""
        with self._database.read() as connection:
            return definitions.find(connection, site, kind, name)

    def drafts(self, site: str) -> list[Draft]:
        """Return all that is being edited."""
        with self._database.read() as connection:
            return drafts.drafts(connection, site)

    def draft(self, definition: str, version: int | None = None) -> Draft | None:
        """Return a definition's draft, or an earlier version of it."""
        with self._database.read() as connection:
            return drafts.draft(connection, definition, version)

    def save(self, site: str, draft: Draft, expected: int) -> Draft:
        """Write a draft as a new version. Raises ConflictError."""
        with self._database.write() as connection:
            return drafts.save(connection, site, draft, expected)

    def discard(self, definition: str, expected: int) -> None:
        """Drop a draft. Raises ConflictError."""
        with self._database.write() as connection:
            drafts.discard(connection, definition, expected)

    def publish(self, site: str, publishing: Publishing, ready: Callable[[], None]) -> Publication:
        """Write a publication, all of it or nothing. Raises ConflictError."""
        with self._database.write() as connection:
            return publications.publish(connection, site, publishing, ready)

    def revisions(self, definition: str, before: int | None, limit: int) -> list[Revision]:
        """Return a definition's revisions, the newest first."""
        with self._database.read() as connection:
            return publications.revisions(connection, definition, before, limit)

    def revision(self, definition: str, number: int) -> Revision | None:
        """Return one revision."""
        with self._database.read() as connection:
            return publications.revision(connection, definition, number)

    def publications(
        self, site: str, before: int | None, limit: int, state: PublicationState | None = None
    ) -> list[Publication]:
        """Return publications, the newest first."""
        with self._database.read() as connection:
            return publications.publications(connection, site, before, limit, state)

    def publication(self, site: str, publication: int) -> Publication | None:
        """Return one publication."""
        with self._database.read() as connection:
            return publications.publication(connection, site, publication)

    def brought(self, publication: int) -> list[Revision]:
        """Return the revisions that a publication brought."""
        with self._database.read() as connection:
            return publications.brought(connection, publication)

    def as_of(self, site: str, publication: int) -> list[Revision]:
        """Return the newest revision that each definition had once a publication was done."""
        with self._database.read() as connection:
            return publications.as_of(connection, site, publication)

    def plan(self, planned: Publication, approved: Proposal | None = None) -> Publication:
        """Keep a publication that is to come about later. Raises ConflictError."""
        with self._database.write() as connection:
            return publications.plan(connection, planned, approved)

    def due(self, now: int) -> list[Publication]:
        """Return the planned publications of all sites that are due."""
        with self._database.read() as connection:
            return publications.due(connection, now)

    def settle(self, publication: int, state: PublicationState, reason: str) -> bool:
        """End a planned publication that did not come about."""
        with self._database.write() as connection:
            return publications.settle(connection, publication, state, reason)

    def propose(self, given: Proposal) -> Proposal:
        """Keep a new proposal."""
        with self._database.write() as connection:
            return proposals.propose(connection, given)

    def proposals(self, site: str, before: int | None, limit: int, state: ProposalState | None) -> list[Proposal]:
        """Return proposals, the newest first."""
        with self._database.read() as connection:
            return proposals.proposals(connection, site, before, limit, state)

    def proposal(self, site: str, identity: int) -> Proposal | None:
        """Return one proposal."""
        with self._database.read() as connection:
            return proposals.proposal(connection, site, identity)

    def settle_proposal(self, settled: Proposal) -> bool:
        """End an open proposal."""
        with self._database.write() as connection:
            return proposals.settle(connection, settled)
