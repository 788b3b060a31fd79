"""What the columns of an imported file mean: the mapping of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import msgspec

from lenticular.criteria.tables import Type
from lenticular.errors import Problem
from lenticular.intake.values import Scope, as_date, as_datetime

What = Literal["events", "people", "organizations", "members"]
"""What the rows of a file are."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TIME, _UPDATED = "timestamp", "updatedAt"
_OF_EXPORTS = frozenset(("anonymousIds", "firstSeen"))
"""What an export of people has beside traits."""
_CONTEXT, _PROPERTIES = "context.", "properties."


class Columns(msgspec.Struct, frozen=True, rename="camel"):
    """The columns that say who, what and when; `traits` describe the person, all others the event.

    `types` fixes the type of a column, by its name. `rename` gives columns the name of another property, `constants`
    adds columns that the file does not have, `ignore` leaves columns out. `format` is the form of its times
    (Python's strptime), `zone` where they are local if they don't say (UTC).
    """

    user_id: str = "userId"
    anonymous_id: str = "anonymousId"
    event: str = "event"
    timestamp: str = _TIME
    message_id: str = "messageId"
    traits: tuple[str, ...] = ()
    types: dict[str, Type] = {}
    group_id: str = "groupId"
    rename: dict[str, str] = {}
    constants: dict[str, Any] = {}
    ignore: tuple[str, ...] = ()
    format: str = ""
    zone: str = ""

    def own(self, what: What) -> frozenset[str]:
        """The columns that say who, what and when, and are no property."""
        names = {self.user_id, self.anonymous_id, self.message_id, *self.times(what)}
        names |= {self.event} if what == "events" else {self.group_id} if what == "organizations" else set()
        return frozenset(names)

    def times(self, what: What) -> tuple[str, ...]:
        """The columns that may say when; the first one that a row has counts."""
        return (_TIME, _UPDATED) if what != "events" and self.timestamp == _TIME else (self.timestamp,)

    def target(self, column: str, what: What) -> tuple[Scope, str] | None:
        """Return the property that a column becomes, as (scope, name); None for one that becomes none."""
        if not column or column in self.ignore or column in self.own(what) or what == "members":
            return None
        name = self.rename.get(column, column)
        if what == "organizations":
            return None if name == "id" else ("organization", name.removeprefix("organization."))
        if what == "people":
            ours = column in _OF_EXPORTS and column not in self.rename
            return None if ours else ("user", name.removeprefix("user."))
        if column in self.traits:
            return "user", name
        if name.startswith(_CONTEXT) and len(name) > len(_CONTEXT):
            return "context", name.removeprefix(_CONTEXT)
        return "event", name.removeprefix(_PROPERTIES) or name

    def missing(self, header: Iterable[str], what: What = "events") -> list[Problem]:
        """Return what a file with this header lacks."""
        names = {*header, *self.constants}
        listed = ", ".join(sorted(names)[:50])
        problems = []
        if what == "organizations" and self.group_id not in names:
            hint = f"Name the column of the organization's id with --group-id. The file has {listed}."
            problems.append(Problem("import.column", f"No column {self.group_id!r}.", hint=hint))
        if what != "organizations" and not names & {self.user_id, self.anonymous_id}:
            hint = f"Name the column of the person's id with --user-id or --anonymous-id. The file has {listed}."
            problems.append(
                Problem("import.column", f"No column {self.user_id!r} or {self.anonymous_id!r}.", hint=hint)
            )
        needed = (("--event", self.event), ("--timestamp", self.timestamp)) if what == "events" else ()
        for option, column in needed:
            if column not in names:
                hint = f"Name it with {option}. The file has {listed}."
                problems.append(Problem("import.column", f"No column {column!r}.", hint=hint))
        named = (("--trait", self.traits), ("--type", tuple(self.types)), ("rename", tuple(self.rename)))
        for option, columns in named:
            problems += [
                Problem("import.column", f"No column {column!r} for {option}.", hint=f"Known: {sorted(names)[:50]}.")
                for column in columns
                if column not in names
            ]
        return problems


def guess_types(
    rows: Iterable[Mapping[str, Any]], columns: Columns, what: What = "events", typed: bool = False
) -> dict[str, Type]:
    """Return the type of every column whose cells are texts, from a sample of rows.

    A column is a number, boolean, date or datetime only if every cell of it is; leading zeros, partial dates and
    times without an offset stay texts, and empty cells say nothing. Lists are written as JSON. In a file of a format
    that is `typed` a text is no number, whatever it looks like.
    """
    kinds: dict[str, set[Type]] = {}
    own = columns.own(what)
    for row in rows:
        for name, cell in row.items():
            if isinstance(cell, str) and cell and name not in own:
                kinds.setdefault(name, set()).add(_text_type(cell))
    guessed: dict[str, Type] = {name: found.pop() if len(found) == 1 else "text" for name, found in kinds.items()}
    if typed:
        guessed = {name: "text" if kind in ("number", "boolean") else kind for name, kind in guessed.items()}
    return {**guessed, **columns.types}


def properties_of(types: Mapping[str, Type], columns: Columns, what: What) -> dict[tuple[str, str], Type]:
    """Return the properties that columns of some types become: (scope, name) to type."""
    found = {columns.target(column, what): kind for column, kind in types.items()}
    return {target: kind for target, kind in found.items() if target is not None and target[0] != "context"}


def _text_type(cell: str) -> Type:
    if _NUMBER.fullmatch(cell):
        return "number"
    if cell.lower() in ("true", "false"):
        return "boolean"
    if cell[0] == "[":
        elements = list_of(cell)
        if elements is not None:
            return "objects" if elements and all(isinstance(one, dict) for one in elements) else "list"
    if as_date(cell) is not None:
        return "date"
    return "text" if as_datetime(cell) is None else "datetime"


def list_of(cell: str) -> list[Any] | None:
    """Return the list that a cell is in JSON, None if it is none."""
    try:
        found = msgspec.json.decode(cell)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return found if isinstance(found, list) else None
