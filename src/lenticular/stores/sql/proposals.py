"""Proposals, as rows."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from lenticular.catalog.author import Author
from lenticular.catalog.proposal import Proposal, ProposalState, ProposedDraft
from lenticular.errors import ConflictError, Problem
from lenticular.stores.sql import rows
from lenticular.stores.sql.tables import PROPOSALS

_OF = PROPOSALS.c
_drafts = msgspec.json.Decoder(tuple[ProposedDraft, ...])


def propose(connection: Connection, given: Proposal) -> Proposal:
    """Keep a new proposal; its id is given here."""
    values = {
        "site": given.site,
        "at": given.at,
        "note": rows.clean(given.note),
        "due": given.due,
        "drafts": rows.as_json(given.drafts),
        "state": "open",
        "comment": "",
        "by": "",
        "by_id": "",
        **rows.author_columns(given.author),
    }
    key = connection.execute(insert(PROPOSALS).values(values)).inserted_primary_key
    if key is None:
        raise RuntimeError("The database gave no id.")
    return msgspec.structs.replace(given, id=int(key[0]))


def proposals(
    connection: Connection, site: str, before: int | None, limit: int, state: ProposalState | None
) -> list[Proposal]:
    """Return proposals of a site, the newest first, below an id."""
    query = select(PROPOSALS).where(_OF.site == site)
    query = query if state is None else query.where(_OF.state == state)
    query = query if before is None else query.where(_OF.id < before)
    return [_proposal(row) for row in connection.execute(query.order_by(_OF.id.desc()).limit(limit))]


def proposal(connection: Connection, site: str, identity: int) -> Proposal | None:
    """Return one proposal of a site."""
    found = connection.execute(select(PROPOSALS).where(_OF.site == site, _OF.id == identity)).first()
    return None if found is None else _proposal(found)


def settle(connection: Connection, settled: Proposal) -> bool:
    """End an open proposal as it is given; False if it is not open any more."""
    by = settled.by or Author("", "")
    values = {
        "state": settled.state,
        "comment": rows.clean(settled.comment),
        "settled": settled.settled,
        "by": by.name,
        "by_id": by.id,
        "publication": settled.publication,
    }
    own = (_OF.id == settled.id) & (_OF.state == "open")
    return connection.execute(update(PROPOSALS).where(own).values(values)).rowcount == 1


def approve(connection: Connection, approved: Proposal | None, publication: int) -> None:
    """End a proposal with what came of it, in the transaction that brings that. Raises ConflictError."""
    if approved is not None and not settle(connection, msgspec.structs.replace(approved, publication=publication)):
        raise ConflictError(no_longer_open())


def no_longer_open() -> Problem:
    """Say that somebody was faster."""
    return Problem("proposal.settled", "This proposal is not open any more.", hint="Look at what became of it.")


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        site=row.site,
        at=row.at,
        author=Author(row.author, row.author_id),
        note=row.note,
        due=row.due,
        drafts=_drafts.decode(row.drafts),
        state=row.state,
        comment=row.comment,
        settled=row.settled,
        by=Author(row.by, row.by_id) if row.settled is not None else None,
        publication=row.publication,
    )
