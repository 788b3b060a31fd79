"""What is told of an event, a person or an organization in an export: names of columns, plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lenticular.app.shown import plain_value
from lenticular.criteria.sql import Shown
from lenticular.criteria.sql_history import typed
from lenticular.criteria.tables import Type
from lenticular.intake.values import Scope
from lenticular.profiles.event import Values
from lenticular.profiles.traits import split

Row = dict[str, Any]
"""Column to plain value; what is missing is left out."""

_TAKEN: dict[Scope, frozenset[str]] = {
    "event": frozenset(("messageId", "userId", "anonymousId", "event", "timestamp")),
    "user": frozenset(
        ("messageId", "userId", "anonymousId", "anonymousIds", "firstSeen", "timestamp", "updatedAt"),
    ),
    "organization": frozenset(("messageId", "groupId", "userId", "anonymousId", "timestamp", "updatedAt")),
}
_PREFIXES: dict[Scope, str] = {"event": "properties.", "user": "user.", "organization": "organization."}
_ALWAYS = ("context.", *_PREFIXES.values())


def named_column(scope: Scope, name: str) -> str:
    """Return the column of a property: its name, with its scope before it where that name means something else.

    An import reads it back: `app.columns.Columns.target`.
    """
    if scope == "context":
        return f"context.{name}"
    return f"{_PREFIXES[scope]}{name}" if name in _TAKEN[scope] or name.startswith(_ALWAYS) else name


def event_row(row: Sequence[Any], names: Mapping[int, tuple[str, Sequence[str]]]) -> Row:
    """Return the row of an event (`criteria.sql_export.events_query`); `names` are the ids of its person."""
    profile_id, message_id, name, time, properties, context = row
    user_id, anonymous_ids = names.get(profile_id, ("", ()))
    told = {"messageId": message_id, "userId": user_id, "anonymousId": next(iter(anonymous_ids), "")}
    told |= {"event": name, "timestamp": plain_value(time, "datetime")}
    return {
        **{column: value for column, value in told.items() if value},
        **_plain("event", typed(properties)),
        **_plain("context", typed(context)),
    }


def person_row(row: Sequence[Any], fields: Sequence[str], shown: Sequence[Shown], whole: bool) -> Row:
    """Return the row of a member (`criteria.sql.members_query`), with the properties shown or all traits."""
    _, user_id, anonymous_ids, first, *values = row
    found: Row = {"userId": user_id} if user_id else {}
    if anonymous_ids:
        found |= {"anonymousId": anonymous_ids[0], "anonymousIds": list(anonymous_ids)}
    found["firstSeen"] = plain_value(first, "datetime")
    if whole:
        return {**found, **_plain("user", typed(values[-1]))}
    for name, (_, kind), value in zip(fields, shown, values, strict=True):
        plain = _number(plain_value(value, kind))
        if plain is not None:
            found[name] = plain
    return found


def organization_row(row: Sequence[Any]) -> Row:
    """Return the row of an organization (`criteria.sql_export.organizations_query`)."""
    organization_id, traits = row
    told = _plain("organization", typed(traits))
    told.pop("id", None)
    return {"groupId": organization_id, **told}


def _plain(scope: Scope, values: Values) -> Row:
    found: Row = {}
    for key, value in values.items():
        name, kind = split(key)
        plain = _objects(value) if kind == "objects" else _number(plain_value(value, kind))
        if plain is not None:
            found[named_column(scope, name)] = plain
    return found


def _objects(elements: Any) -> list[Row]:
    """Return objects with plain values; of one that is kept as a date and as a text, the text."""
    found: list[Row] = []
    for element in elements:
        plain: Row = {}
        for key, value in element.items():
            name, kind = split(key)
            if name not in plain or kind == "text":
                plain[name] = _number(plain_value(value, _inner(kind)))
        found.append(plain)
    return found


def _inner(kind: Type) -> Type:
    return "list" if kind == "objects" else kind


def _number(value: Any) -> Any:
    """Return whole numbers without their point, as people write them."""
    if type(value) is float and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value
