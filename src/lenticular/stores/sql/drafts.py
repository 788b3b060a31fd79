"""What is being edited: one draft per definition, and its earlier versions for a while."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from lenticular.catalog.stored import Draft, search_text
from lenticular.errors import ConflictError, Problem
from lenticular.stores.sql import rows
from lenticular.stores.sql.tables import DEFINITIONS, DRAFTS

_OF = DEFINITIONS.c
KEPT = 50
"""So many versions of a draft are kept: what someone began from, when others have gone on since."""


def _drafts() -> Select[Any]:
    return select(DRAFTS, _OF.kind, _OF.revision).join(DEFINITIONS, _OF.id == DRAFTS.c.definition)


def drafts(connection: Connection, site: str) -> list[Draft]:
    """Return all that is being edited at a site, in the order of kinds and keys."""
    query = _drafts().where(_OF.site == site, _OF.draft == DRAFTS.c.version).order_by(_OF.kind, _OF.key)
    return [rows.draft(row) for row in connection.execute(query)]


def draft(connection: Connection, definition: str, version: int | None) -> Draft | None:
    """Return a definition's draft, or an earlier version of it while that is still kept."""
    query = _drafts().where(_OF.id == definition)
    query = query.where(DRAFTS.c.version == (_OF.draft if version is None else version))
    found = connection.execute(query).first()
    return None if found is None else rows.draft(found)


def save(connection: Connection, site: str, given: Draft, expected: int) -> Draft:
    """Write a draft as a new version. Raises ConflictError."""
    rows.lock_site(connection, site, given.at)
    row = rows.row_of(connection, given.definition)
    check_version(row, expected)
    if row is None:
        _refuse_taken(connection, site, given)
        _add(connection, site, given)
    version = (row.version if row else 0) + 1
    saved = msgspec.structs.replace(given, version=version, live=row.revision if row else 0)
    connection.execute(
        insert(DRAFTS).values(
            definition=saved.definition,
            version=version,
            key=saved.key,
            base=saved.base,
            action=saved.action,
            body=rows.as_json(saved.body),
            at=saved.at,
            **rows.author_columns(saved.author),
        )
    )
    old = (DRAFTS.c.definition == saved.definition) & (DRAFTS.c.version <= version - KEPT)
    connection.execute(delete(DRAFTS).where(old))
    values: dict[str, Any] = {"draft": version, "version": version, "at": saved.at}
    if row is None or row.state == "new":
        values |= {"key": saved.key, "name": rows.name_of(saved.body, saved.key), "search": search_text(saved.body)}
        rows.put_tags(connection, saved.definition, saved.body)
        if row is not None and row.key != saved.key:
            _refuse_taken(connection, site, saved)
    values |= rows.author_columns(saved.author)
    connection.execute(update(DEFINITIONS).where(_OF.id == saved.definition).values(values))
    return saved


def discard(connection: Connection, definition: str, expected: int) -> None:
    """Drop a draft; a definition that was never published goes with it. Raises ConflictError."""
    row = rows.row_of(connection, definition)
    if row is None:
        raise ConflictError(_changed(0))
    rows.lock_site(connection, row.site, 0)
    row = rows.row_of(connection, definition)
    check_version(row, expected)
    if row is not None and row.state == "new":
        connection.execute(delete(DEFINITIONS).where(_OF.id == definition))
    else:
        connection.execute(update(DEFINITIONS).where(_OF.id == definition).values(draft=0))


def check_version(row: Row[Any] | None, expected: int) -> None:
    """Refuse to change a draft of another version than the expected one. Raises ConflictError."""
    current = row.draft if row is not None else 0
    if current != expected:
        raise ConflictError(_changed(current))


def _changed(current: int) -> Problem:
    message = f"The draft is at version {current} by now." if current else "There is no such draft any more."
    return Problem("draft.changed", message, hint="Look at what has changed, and save again.")


def _add(connection: Connection, site: str, given: Draft) -> None:
    connection.execute(
        insert(DEFINITIONS).values(
            id=given.definition,
            site=site,
            kind=given.kind,
            key=given.key,
            name="",
            state="new",
            revision=0,
            draft=0,
            version=0,
            search="",
            at=given.at,
            **rows.author_columns(given.author),
        )
    )


def _refuse_taken(connection: Connection, site: str, given: Draft) -> None:
    own = (_OF.site == site) & (_OF.kind == given.kind) & (_OF.id != given.definition)
    taken = select(_OF.id).where(own, _OF.key == given.key, _OF.state != "deleted")
    if connection.execute(taken).first() is not None:
        message = f'The key "{given.key}" is taken.'
        raise ConflictError(Problem("catalog.taken", message, f"{given.kind}/{given.key}", "Choose another key."))
