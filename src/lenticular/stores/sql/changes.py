"""Write the changes of a publication: all rows of a kind in one statement, for a catalog may have thousands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, update

from lenticular.catalog.stored import Change, Publishing, search_text
from lenticular.stores.sql import rows
from lenticular.stores.sql.tables import DEFINITIONS, REVISIONS, TAGS

_OF = DEFINITIONS.c
_COLUMNS = ("key", "name", "state", "revision", "search", "at", "author", "author_id")


def write_changes(
    connection: Connection, site: str, given: Publishing, there: Mapping[str, Row[Any]], publication: int
) -> None:
    """Write definitions, revisions and tags; `there` are the definitions that exist, by id."""
    old = [
        _definition(change, given, there[change.definition]) for change in given.changes if change.definition in there
    ]
    new = [_definition(change, given, None) for change in given.changes if change.definition not in there]
    if old:
        # Keys are let go of first, so that definitions can exchange theirs.
        leave = update(DEFINITIONS).where(_OF.id == bindparam("own")).values(state="deleted")
        connection.execute(leave, [{"own": one["own"]} for one in old])
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _COLUMNS}
        change_all = update(DEFINITIONS).where(_OF.id == bindparam("own")).values(values)
        connection.execute(change_all, [_prefixed(one) for one in old])
    if new:
        kinds = {change.definition: change.kind for change in given.changes}
        fixed = {"site": site, "draft": 0, "version": 0}
        connection.execute(
            insert(DEFINITIONS),
            [{**fixed, "id": one["own"], "kind": kinds[one["own"]], **_without_own(one)} for one in new],
        )
    if given.changes:
        connection.execute(insert(REVISIONS), [_revision(change, given, publication) for change in given.changes])
    _tags(connection, given.changes)


def _definition(change: Change, given: Publishing, row: Row[Any] | None) -> dict[str, Any]:
    name, search = (row.name, row.search) if row is not None else (change.key, "")
    if change.body is not None:
        name, search = rows.name_of(change.body, change.key), search_text(change.body)
    return {
        "own": change.definition,
        "key": change.key,
        "name": name,
        "state": change.state,
        "revision": change.base + 1,
        "search": search,
        "at": given.at,
        **rows.author_columns(given.author),
    }


def _prefixed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name if name == "own" else f"new_{name}": value for name, value in values.items()}


def _without_own(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "own"}


def _revision(change: Change, given: Publishing, publication: int) -> dict[str, Any]:
    return {
        "definition": change.definition,
        "number": change.base + 1,
        "key": change.key,
        "state": change.state,
        "body": None if change.body is None else rows.as_json(change.body),
        "at": given.at,
        "sentences": rows.as_json(change.sentences),
        "publication": publication,
        **rows.author_columns(given.author),
    }


def _tags(connection: Connection, changes: Iterable[Change]) -> None:
    tagged = [change for change in changes if change.body is not None]
    if not tagged:
        return
    own = delete(TAGS).where(TAGS.c.definition == bindparam("own"))
    connection.execute(own, [{"own": change.definition} for change in tagged])
    tags = [
        {"definition": change.definition, "tag": tag} for change in tagged for tag in rows.tags_of(change.body or {})
    ]
    if tags:
        connection.execute(insert(TAGS), tags)
