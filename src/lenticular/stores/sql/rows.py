"""Rows of the catalog's tables, and what they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from lenticular.catalog.author import Author
from lenticular.catalog.stored import Body, Change, Draft, Publication, Revision, Stored
from lenticular.stores.sql.tables import DEFINITIONS, SITES, TAGS

_bodies = msgspec.json.Decoder(dict[str, Any])
_changes = msgspec.json.Decoder(tuple[Change, ...])
_drafts = msgspec.json.Decoder(tuple[tuple[str, int], ...])
_sentences = msgspec.json.Decoder(dict[str, str])


def as_json(value: Any) -> str:
    """Return the JSON text of a value, as it is kept."""
    return msgspec.json.encode(value).decode()


def body_of(text: str) -> Body:
    """Return a kept body."""
    return _bodies.decode(text)


def clean(text: str) -> str:
    """Return a text as it can be asked for: PostgreSQL has no NUL in texts."""
    return text.replace("\0", "\ufffd")


def name_of(body: Body, key: str) -> str:
    """Return what a definition is called: its name, its label, or its key. No store keeps NUL in a text."""
    found = body.get("name") or body.get("label") or key
    return str(found).replace("\0", "")


def author_columns(author: Author) -> dict[str, str]:
    """Return the columns of an author."""
    return {"author": author.name, "author_id": author.id}


def stored(row: Row[Any], tags: tuple[str, ...] = ()) -> Stored:
    """Return the definition of a row."""
    return Stored(
        id=row.id,
        kind=row.kind,
        key=row.key,
        name=row.name,
        state=row.state,
        revision=row.revision,
        draft=row.draft,
        version=row.version,
        at=row.at,
        author=Author(row.author, row.author_id),
        tags=tags,
    )


def draft(row: Row[Any]) -> Draft:
    """Return the draft of a row that has its definition's kind and newest revision."""
    return Draft(
        definition=row.definition,
        kind=row.kind,
        key=row.key,
        version=row.version,
        base=row.base,
        action=row.action,
        body=body_of(row.body),
        author=Author(row.author, row.author_id),
        at=row.at,
        live=row.revision,
    )


def revision(row: Row[Any]) -> Revision:
    """Return the revision of a row that has its definition's kind."""
    return Revision(
        definition=row.definition,
        kind=row.kind,
        key=row.key,
        number=row.number,
        state=row.state,
        body=None if row.body is None else body_of(row.body),
        author=Author(row.author, row.author_id),
        at=row.at,
        sentences=_sentences.decode(row.sentences),
        publication=row.publication,
    )


def publication(row: Row[Any]) -> Publication:
    """Return the publication of a row."""
    return Publication(
        id=row.id,
        site=row.site,
        at=row.at,
        author=Author(row.author, row.author_id),
        note=row.note,
        kind=row.kind,
        state=row.state,
        revision=row.revision,
        due=row.due,
        reason=row.reason,
        undoes=row.undoes,
        changes=_changes.decode(row.changes),
        drafts=_drafts.decode(row.drafts),
    )


def lock_site(connection: Connection, site: str, now: int) -> None:
    """Keep others from changing a site until the transaction ends; a site that is new comes about."""
    new = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(new(SITES).values(key=site, created=now).on_conflict_do_nothing())
    connection.execute(select(SITES.c.key).where(SITES.c.key == site).with_for_update())


def row_of(connection: Connection, definition: str) -> Row[Any] | None:
    """Return a definition's row by its id."""
    return connection.execute(select(DEFINITIONS).where(DEFINITIONS.c.id == definition)).first()


def rows_of(connection: Connection, definitions: Sequence[str]) -> dict[str, Row[Any]]:
    """Return definitions' rows by their ids."""
    found: dict[str, Row[Any]] = {}
    for at in range(0, len(definitions), 500):
        query = select(DEFINITIONS).where(DEFINITIONS.c.id.in_(definitions[at : at + 500]))
        found |= {row.id: row for row in connection.execute(query)}
    return found


def tags_of(body: Body) -> list[str]:
    """Return the tags of a body that can be kept, each once."""
    return list(dict.fromkeys(tag for tag in body.get("tags", ()) if isinstance(tag, str) and "\0" not in tag))


def put_tags(connection: Connection, definition: str, body: Body) -> None:
    """Keep the tags of a body, and no others."""
    connection.execute(TAGS.delete().where(TAGS.c.definition == definition))
    if tags := tags_of(body):
        connection.execute(insert(TAGS), [{"definition": definition, "tag": tag} for tag in tags])
