"""What the columns of an imported file mean, and how a row becomes an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from lenticular.criteria.tables import Type
from lenticular.errors import Problem
from lenticular.ids import short_hash
from lenticular.intake.clock import instant
from lenticular.intake.refused import RefusedError
from lenticular.intake.values import as_date, as_datetime, typed_values
from lenticular.profiles.event import Event

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MAX_ID = 255
_WHOLE = re.compile(r"[0-9]{9,13}")
_DIGITS_OF_SECONDS = 10


class Columns(msgspec.Struct, frozen=True, rename="camel"):
    """The columns that say who, what and when; `traits` describe the person, all others the event.

    `types` fixes the type of a column, by its name.
    """

    user_id: str = "userId"
    anonymous_id: str = "anonymousId"
    event: str = "event"
    timestamp: str = "timestamp"
    message_id: str = "messageId"
    traits: tuple[str, ...] = ()
    types: dict[str, Type] = {}

    @property
    def own(self) -> frozenset[str]:
        """The columns that are neither a trait nor a property of the event."""
        return frozenset((self.user_id, self.anonymous_id, self.event, self.timestamp, self.message_id))

    def scope(self, column: str) -> str:
        """Return `user` for a trait, `event` for a property of the event."""
        return "user" if column in self.traits else "event"

    def missing(self, header: Iterable[str]) -> list[Problem]:
        """Return what a file with this header lacks."""
        names = set(header)
        problems = []
        if not names & {self.user_id, self.anonymous_id}:
            hint = "Name the column of the person's id with --user-id or --anonymous-id."
            problems.append(
                Problem("import.column", f"No column {self.user_id!r} or {self.anonymous_id!r}.", hint=hint)
            )
        for option, column in (("--event", self.event), ("--timestamp", self.timestamp)):
            if column not in names:
                hint = f"Name it with {option}. The file has {', '.join(sorted(names))}."
                problems.append(Problem("import.column", f"No column {column!r}.", hint=hint))
        for option, columns in (("--trait", self.traits), ("--type", tuple(self.types))):
            problems += [
                Problem("import.column", f"No column {column!r} for {option}.", hint=f"Known: {sorted(names)}.")
                for column in columns
                if column not in names
            ]
        return problems


def guess_types(rows: Iterable[Mapping[str, Any]], columns: Columns) -> dict[str, Type]:
    """Return the type of every column whose cells are texts, from a sample of rows.

    A column is a number, boolean, date or datetime only if every cell of it is; leading zeros, partial dates and
    times without an offset stay texts, and empty cells say nothing.
    """
    kinds: dict[str, set[Type]] = {}
    for row in rows:
        for name, cell in row.items():
            if isinstance(cell, str) and cell and name not in columns.own:
                kinds.setdefault(name, set()).add(_text_type(cell))
    guessed: dict[str, Type] = {name: found.pop() if len(found) == 1 else "text" for name, found in kinds.items()}
    return {**guessed, **columns.types}


def _text_type(cell: str) -> Type:
    if _NUMBER.fullmatch(cell):
        return "number"
    if cell.lower() in ("true", "false"):
        return "boolean"
    if as_date(cell) is not None:
        return "date"
    return "text" if as_datetime(cell) is None else "datetime"


class Source(msgspec.Struct, frozen=True):
    """Where rows come from: the file's name, its columns, when it arrived (ms), and the types known by now."""

    name: str
    columns: Columns
    received: int
    types: Mapping[tuple[str, str], str]


def row_event(line: int, row: Mapping[str, Any], source: Source) -> Event | Problem:
    """Return the event of a row, or why it is refused. An id is made from file, line and content if it has none."""
    columns = source.columns
    try:
        user_id, anonymous_id = _text(row.get(columns.user_id)), _text(row.get(columns.anonymous_id))
        name, time = _text(row.get(columns.event)), row_time(row, columns)
        if not (user_id or anonymous_id):
            return Problem("import.nobody", "The row names nobody.", f"line {line}")
        if not name:
            return Problem("import.no-event", "The row names no event.", f"line {line}")
        if time is None:
            return Problem("import.no-time", "The row has no time.", f"line {line}")
        properties = {key: _cell(key, cell, columns) for key, cell in row.items() if _kept(key, cell, columns, "event")}
        traits = {key: _cell(key, cell, columns) for key, cell in row.items() if _kept(key, cell, columns, "user")}
        return Event(
            type="track",
            message_id=_text(row.get(columns.message_id)) or _made_id(source.name, line, row),
            time=time,
            received=source.received,
            anonymous_id=anonymous_id,
            user_id=user_id,
            name=name,
            properties=typed_values(properties, "event", source.types).values,
            traits=typed_values(traits, "user", source.types).values,
            imported=True,
        )
    except RefusedError as refused:
        problem = refused.problems[0]
        return Problem(problem.code, problem.message, f"line {line}, {problem.place.strip('/')}", problem.hint)


def row_time(row: Mapping[str, Any], columns: Columns) -> int | None:
    """Return when a row's event happened (ms), None if it does not say.

    Beside what the wire takes: whole seconds or milliseconds since 1970 as text, and ` UTC` behind a time, as
    warehouses write it. Raises RefusedError.
    """
    cell = row.get(columns.timestamp)
    if isinstance(cell, str):
        cell = cell.strip().removesuffix(" UTC")
        if _WHOLE.fullmatch(cell):
            cell = int(cell) * (1_000 if len(cell) <= _DIGITS_OF_SECONDS else 1)
    return instant(cell, columns.timestamp)


def _kept(key: str, cell: Any, columns: Columns, scope: str) -> bool:
    return cell is not None and cell != "" and key not in columns.own and columns.scope(key) == scope


def _cell(key: str, cell: Any, columns: Columns) -> Any:
    """A time without an offset is UTC where its column is said to hold times."""
    if columns.types.get(key) == "datetime" and isinstance(cell, str) and as_datetime(cell) is None:
        return f"{cell.strip().replace(' ', 'T')}Z"
    return cell


def _text(cell: Any) -> str:
    if cell is None or isinstance(cell, bool):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return str(cell).strip()[:_MAX_ID]


def _made_id(name: str, line: int, row: Mapping[str, Any]) -> str:
    content = msgspec.json.encode(row, order="sorted").decode("utf-8", "replace")
    return f"import-{short_hash(f'{name}:{line}:{content}')}"
