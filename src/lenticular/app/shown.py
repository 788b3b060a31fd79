"""Properties of people as an answer shows them: named `user.plan`, their values as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from lenticular.criteria.calendar import civil
from lenticular.criteria.here import LOCAL
from lenticular.criteria.sql import Shown
from lenticular.criteria.tables import Type, split_key
from lenticular.criteria.tree import Field, Scope
from lenticular.criteria.types import INTEREST, Schema
from lenticular.errors import LenticularError, Problem, did_you_mean

MOST = 20
"""So many properties are shown at once."""
_SCOPES: tuple[Scope, ...] = ("user", "session")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def shown_fields(names: Sequence[str], schema: Schema) -> list[Shown]:
    """Return the properties of these names (`user.plan`, `session.country`) and their types.

    Raises LenticularError for those that there are not.
    """
    if len(names) > MOST:
        hint = "Ask for the rest in another request."
        raise LenticularError(
            Problem("members.fields", f"{len(names)} properties are more than {MOST}.", "fields", hint)
        )
    found, problems = list[Shown](), list[Problem]()
    for at, name in enumerate(names):
        scope, _, rest = name.partition(".")
        field = Field("user" if scope == "user" else "session", rest)
        kind = schema.type_of(field) if scope in _SCOPES else None
        if kind is None or _is_worked_out(field):
            known = [f"{of}.{one}" for of in _SCOPES for one in schema.names(of) if not _is_worked_out(Field(of, one))]
            hint = did_you_mean(name, known) or "Ask for user.NAME or session.NAME."
            problems.append(Problem("members.field", f"There is no {name!r} to show.", f"fields/{at}", hint))
        else:
            found.append((field, kind))
    if problems:
        raise LenticularError(*problems)
    return found


def plain_value(value: Any, kind: Type) -> Any:
    """Return a value of the events store as JSON has it: dates and instants as ISO 8601; None if it is missing."""
    if value is None or (kind == "list" and not value):
        return None
    if kind == "date":
        return date(*civil(int(value))).isoformat()
    if kind == "datetime":
        return (_EPOCH + timedelta(milliseconds=int(value))).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if kind == "list":
        return list(value)
    if kind == "objects":
        return [_plain_element(element) for element in msgspec.json.decode(value)]
    return value


def _plain_element(element: dict[str, Any]) -> dict[str, Any]:
    """Fields of objects are kept by name and type; what is kept as a text too is shown as that."""
    plain: dict[str, Any] = {}
    for key, value in element.items():
        name, kind = split_key(key)
        if name not in plain or kind == "text":
            plain[name] = plain_value(value, kind)
    return plain


def _is_worked_out(field: Field) -> bool:
    if field.scope == "session":
        return field.name in LOCAL
    return field.name == "interests" or field.name.startswith(INTEREST)
