"""What was published, all of it at once: revisions that never change, and a pointer to what is live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, ScalarSelect, Select, func, insert, select, update

from lenticular.catalog.proposal import Proposal
from lenticular.catalog.stored import Publication, PublicationState, Publishing, Revision
from lenticular.errors import ConflictError, Problem
from lenticular.stores.sql import drafts, rows
from lenticular.stores.sql.changes import write_changes
from lenticular.stores.sql.proposals import approve
from lenticular.stores.sql.tables import DEFINITIONS, PUBLICATIONS, REVISIONS, SITES

_OF = DEFINITIONS.c


def publish(connection: Connection, site: str, given: Publishing, ready: Callable[[], None]) -> Publication:
    """Write a publication; `ready` is called last. Raises ConflictError."""
    rows.lock_site(connection, site, given.at)
    there = rows.rows_of(connection, [change.definition for change in given.changes])
    problems = [*_moved_on(there, given), *_taken(connection, site, given)] or _outrun(connection, site, given)
    if problems:
        raise ConflictError(*problems)
    identity = _publication(connection, site, given)
    write_changes(connection, site, given, there, identity)
    for definition, version in given.drafts:
        done = update(DEFINITIONS).where(_OF.id == definition, _OF.draft == version).values(draft=0)
        connection.execute(done)
    connection.execute(update(SITES).where(SITES.c.key == site).values(publication=identity))
    for one in given.following:
        drafts.save(connection, site, msgspec.structs.replace(one, author=given.author, at=given.at), one.version)
    for planned in given.replanned:
        own = (PUBLICATIONS.c.id == planned.id) & (PUBLICATIONS.c.state == "planned")
        connection.execute(update(PUBLICATIONS).where(own).values(changes=rows.as_json(planned.changes)))
    approve(connection, given.proposal, identity)
    ready()
    found = publication(connection, site, identity)
    if found is None:
        raise RuntimeError("A publication that was just written is not there.")
    return found


def _outrun(connection: Connection, site: str, given: Publishing) -> list[Problem]:
    """Return a problem if something else was published since this was checked, whatever it was."""
    live = connection.execute(select(SITES.c.publication).where(SITES.c.key == site)).scalar()
    if given.expected is None or given.expected == live:
        return []
    return [Problem("catalog.changed", "Something else was published meanwhile.", hint="Try again.")]


def _moved_on(there: Mapping[str, Row[Any]], given: Publishing) -> list[Problem]:
    """Return a problem for each definition and draft that someone else has changed since."""
    found = []
    drafts = dict(given.drafts)
    for change in given.changes:
        row = there.get(change.definition)
        place = f"{change.kind}/{change.key}"
        if (row.revision if row else 0) != change.base:
            who = f" by {row.author}" if row else ""
            message = f'"{change.key}" was changed{who} meanwhile.'
            found.append(Problem("catalog.changed", message, place, "Merge the two changes, and publish again."))
        elif given.planned is None and change.definition in drafts and row and row.draft != drafts[change.definition]:
            message = f'The draft of "{change.key}" was changed or published meanwhile.'
            found.append(Problem("draft.changed", message, place, "Look at it, and publish again."))
    return found


def _taken(connection: Connection, site: str, given: Publishing) -> list[Problem]:
    """Return a problem for each key that another definition will have too."""
    query = select(_OF.id, _OF.kind, _OF.key).where(_OF.site == site, _OF.state != "deleted")
    changing = {change.definition for change in given.changes}
    owners = {(row.kind, row.key) for row in connection.execute(query) if row.id not in changing}
    found = []
    for change in given.changes:
        if change.state != "deleted" and (change.kind, change.key) in owners:
            place = f"{change.kind}/{change.key}"
            found.append(Problem("catalog.taken", f'The key "{change.key}" is taken.', place, "Choose another key."))
    return found


def _publication(connection: Connection, site: str, given: Publishing) -> int:
    """Write the publication's own row, or end the plan that it was; return its id. Raises ConflictError."""
    values: dict[str, Any] = {
        "place": _next_place(connection, site),
        "at": given.at,
        "state": "done",
        "revision": given.revision,
        "tallies": rows.as_json(sorted(given.tallies)),
    }
    if given.planned is not None:
        own = (PUBLICATIONS.c.id == given.planned) & (PUBLICATIONS.c.state == "planned")
        if connection.execute(update(PUBLICATIONS).where(own).values(values)).rowcount != 1:
            raise ConflictError(Problem("publication.settled", "It is not planned any more."))
        return given.planned
    values |= {"site": site, "note": rows.clean(given.note), "kind": given.kind, "reason": "", "undoes": given.undoes}
    values |= {"changes": "[]", "drafts": "[]", **rows.author_columns(given.author)}
    return _inserted(connection, values)


def _next_place(connection: Connection, site: str) -> int:
    newest = select(func.max(PUBLICATIONS.c.place)).where(PUBLICATIONS.c.site == site)
    return (connection.execute(newest).scalar() or 0) + 1


def _place_of(identity: int) -> ScalarSelect[Any]:
    return select(PUBLICATIONS.c.place).where(PUBLICATIONS.c.id == identity).scalar_subquery()


def _inserted(connection: Connection, values: dict[str, Any]) -> int:
    key = connection.execute(insert(PUBLICATIONS).values(values)).inserted_primary_key
    if key is None:
        raise RuntimeError("The database gave no id.")
    return int(key[0])


def plan(connection: Connection, planned: Publication, approved: Proposal | None) -> Publication:
    """Keep a publication that is to come about later, and end the proposal that it comes from."""
    rows.lock_site(connection, planned.site, planned.at)
    values = {
        "site": planned.site,
        "place": _next_place(connection, planned.site),
        "at": planned.at,
        "note": rows.clean(planned.note),
        "kind": planned.kind,
        "state": "planned",
        "revision": "",
        "tallies": "[]",
        "due": planned.due,
        "reason": "",
        "undoes": planned.undoes,
        "changes": rows.as_json(planned.changes),
        "drafts": rows.as_json(planned.drafts),
        **rows.author_columns(planned.author),
    }
    kept = msgspec.structs.replace(planned, id=_inserted(connection, values))
    approve(connection, approved, kept.id)
    return kept


def due(connection: Connection, now: int) -> list[Publication]:
    """Return the planned publications that are due, the earliest first."""
    query = select(PUBLICATIONS).where(PUBLICATIONS.c.state == "planned", PUBLICATIONS.c.due <= now)
    found = connection.execute(query.order_by(PUBLICATIONS.c.due, PUBLICATIONS.c.id))
    return [rows.publication(row) for row in found]


def settle(connection: Connection, identity: int, state: PublicationState, reason: str) -> bool:
    """End a planned publication that did not come about; False if it was not planned any more."""
    own = (PUBLICATIONS.c.id == identity) & (PUBLICATIONS.c.state == "planned")
    values = {"state": state, "reason": rows.clean(reason)}
    return connection.execute(update(PUBLICATIONS).where(own).values(values)).rowcount == 1


def publication(connection: Connection, site: str, identity: int) -> Publication | None:
    """Return one publication of a site."""
    query = select(PUBLICATIONS).where(PUBLICATIONS.c.id == identity, PUBLICATIONS.c.site == site)
    found = connection.execute(query).first()
    return None if found is None else rows.publication(found)


def publications(
    connection: Connection, site: str, before: int | None, limit: int, state: PublicationState | None
) -> list[Publication]:
    """Return publications, the newest first."""
    query = select(PUBLICATIONS).where(PUBLICATIONS.c.site == site)
    query = query if state is None else query.where(PUBLICATIONS.c.state == state)
    if before is not None:
        query = query.where(PUBLICATIONS.c.place < _place_of(before))
    found = connection.execute(query.order_by(PUBLICATIONS.c.place.desc()).limit(limit))
    return [rows.publication(row) for row in found]


def _revisions() -> Select[Any]:
    return select(REVISIONS, _OF.kind).join(DEFINITIONS, _OF.id == REVISIONS.c.definition)


def revisions(connection: Connection, definition: str, before: int | None, limit: int) -> list[Revision]:
    """Return a definition's revisions, the newest first."""
    query = _revisions().where(REVISIONS.c.definition == definition)
    query = query if before is None else query.where(REVISIONS.c.number < before)
    return [rows.revision(row) for row in connection.execute(query.order_by(REVISIONS.c.number.desc()).limit(limit))]


def revision(connection: Connection, definition: str, number: int) -> Revision | None:
    """Return one revision."""
    query = _revisions().where(REVISIONS.c.definition == definition, REVISIONS.c.number == number)
    found: Row[Any] | None = connection.execute(query).first()
    return None if found is None else rows.revision(found)


def brought(connection: Connection, identity: int) -> list[Revision]:
    """Return the revisions that a publication brought."""
    query = _revisions().where(REVISIONS.c.publication == identity).order_by(_OF.kind, REVISIONS.c.key)
    return [rows.revision(row) for row in connection.execute(query)]


def as_of(connection: Connection, site: str, identity: int) -> list[Revision]:
    """Return the newest revision that each definition had once a publication was done."""
    of = PUBLICATIONS.c
    newest = (
        select(REVISIONS.c.definition, func.max(REVISIONS.c.number).label("number"))
        .join(PUBLICATIONS, of.id == REVISIONS.c.publication)
        .where(of.site == site, of.place <= _place_of(identity))
        .group_by(REVISIONS.c.definition)
        .subquery()
    )
    there = (newest.c.definition == REVISIONS.c.definition) & (newest.c.number == REVISIONS.c.number)
    query = _revisions().join(newest, there).order_by(_OF.kind, REVISIONS.c.key)
    return [rows.revision(row) for row in connection.execute(query)]
