"""How a row of a file becomes an event: something that happened, or what is said of a person or an organization."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from lenticular.app.columns import Columns, What
from lenticular.app.row_cells import MOST_KEPT, Cells
from lenticular.criteria.tables import Type
from lenticular.errors import LenticularError, Problem
from lenticular.ids import hash_bytes
from lenticular.intake.clock import instant
from lenticular.intake.message import MAX_ID
from lenticular.intake.refused import RefusedError, refuse
from lenticular.intake.values import Scope, Typed, sound
from lenticular.profiles.event import Event, EventType, Value

_WHOLE = re.compile(r"[0-9]{9,13}")
_DIGITS_OF_SECONDS, _DIGITS_OF_MILLISECONDS = 10, 13
FAR = "4000000000000"
"""Milliseconds: below this a time needs no second look."""
_NOTHING = Typed()
_sorted = msgspec.json.Encoder(order="sorted").encode
_KINDS: dict[What, EventType] = {
    "events": "track",
    "people": "identify",
    "organizations": "group",
    "members": "member",
}


class Source(msgspec.Struct, frozen=True):
    """Where rows come from: a name, the columns, when they arrived (ms), the types known by now, and what they are.

    `segment` is the list that members are put on. `run` tells this reading from others of the same rows, where it is
    the stores that see what is new; without it a row that is read again is the same message. With `nulls` a missing
    value takes a trait away.
    """

    name: str
    columns: Columns
    received: int
    types: Mapping[tuple[str, str], str]
    what: What = "events"
    segment: str = ""
    run: str = ""
    nulls: bool = False


class RowEvents:
    """Makes events of the rows of one source. Raises LenticularError for a time zone that there is not."""

    def __init__(self, source: Source) -> None:
        self._source, self._columns, self._what = source, source.columns, source.what
        self._times = source.columns.times(source.what)
        self._zone = zone_of(source.columns)
        self.plain_times = not (source.columns.format or source.columns.zone)
        self._cells = Cells(source.columns, source.what, source.types, source.nulls, self._with_offset)
        self._ids: dict[Any, str] = {}
        self._name = source.name.encode("utf-8", "surrogatepass")

    def event(self, line: int, row: Mapping[str, Any]) -> Event | Problem:
        """Return the event of a row, or why it is refused. An id is made from file, line and content if it has none."""
        if self._columns.constants:
            row = {**row, **self._columns.constants}
        try:
            return self._event(line, row)
        except RefusedError as refused:
            problem = refused.problems[0]
            return Problem(problem.code, problem.message, f"line {line}, {problem.place.strip('/')}", problem.hint)

    def _event(self, line: int, row: Mapping[str, Any]) -> Event | Problem:
        columns, what, source = self._columns, self._what, self._source
        user_id, anonymous_id = self.id_in(row, columns.user_id), self.id_in(row, columns.anonymous_id)
        group_id = self.id_in(row, columns.group_id) if what == "organizations" else ""
        name = self.id_in(row, columns.event) if what == "events" else ""
        if problem := _nobody(line, what, bool(user_id or anonymous_id), group_id, name):
            return problem
        time = self.time_in(row)
        if time is None and what == "events":
            return Problem("import.no-time", "The row has no time.", f"line {line}")
        values = self._cells.values(row)
        message_id = id_of(row, columns.message_id) or self._made_id(line, row)
        if what == "events" and len(values) == 1 and "event" in values and time is not None:
            who = anonymous_id, user_id, name
            return Event("track", message_id, time, source.received, *who, values["event"].values, imported=True)
        traits = values.get("user", _NOTHING)
        properties = values.get("organization" if what == "organizations" else "event", _NOTHING)
        return Event(
            type=_KINDS[what],
            message_id=message_id,
            time=source.received if time is None else time,
            received=source.received,
            anonymous_id=anonymous_id,
            user_id=user_id,
            name=name,
            properties=properties.values,
            traits=traits.values,
            removed=traits.removed,
            context=values["context"].values if "context" in values else {},
            imported=True,
            trusted=what == "members",
            group_id=group_id,
            group_removed=properties.removed if group_id else (),
            lists={source.segment: True} if what == "members" else {},
        )

    @property
    def columns(self) -> Columns:
        """What the columns mean."""
        return self._columns

    @property
    def received(self) -> int:
        """When the rows arrived (ms)."""
        return self._source.received

    @property
    def file(self) -> bytes:
        """The name of where they come from."""
        return self._name

    def type_of(self, target: tuple[Scope, str]) -> Type | None:
        """Return the type of a property, None for one that is not known yet."""
        return cast(Type | None, self._source.types.get(target))

    def plain(self, column: str, text: str) -> tuple[str, Value] | None:
        """Return what a text becomes whatever else its row has, by its key; None if that can't be told.

        Raises RefusedError.
        """
        return self._cells.plain(column, text)

    def id_in(self, row: Mapping[str, Any], column: str) -> str:
        """Return an id or a name; most come again and again."""
        cell = row.get(column)
        if type(cell) is not str:
            return "" if cell is None else id_of(row, column)
        found = self._ids.get(cell)
        if found is None:
            if len(self._ids) >= MOST_KEPT:
                self._ids.clear()
            found = self._ids[cell] = id_of(row, column)
        return found

    def _with_offset(self, cell: str) -> str:
        moment = self._moment(cell.strip())
        if moment is None:
            return f"{cell.strip().replace(' ', 'T')}Z"
        return moment.isoformat(timespec="milliseconds")

    def _moment(self, cell: str) -> datetime | None:
        """Return the moment of a text in the file's own form or zone, None for other texts."""
        try:
            form = self._columns.format
            found = datetime.strptime(cell, form) if form else datetime.fromisoformat(cell)  # noqa: DTZ007
        except ValueError:
            return None
        return found if found.tzinfo is not None else found.replace(tzinfo=self._zone)

    def time_in(self, row: Mapping[str, Any]) -> int | None:
        """Return when a row says that it happened (ms), None if it does not say. Raises RefusedError."""
        for column in self._times:
            cell = row.get(column)
            if cell is None or cell == "":
                continue
            if isinstance(cell, str) and not self.plain_times:
                moment = self._moment(cell.strip())
                if moment is None and self._columns.format:
                    hint = "Look at the mapping's `format`."
                    message = f"{cell[:60]!r} is not a time of the form {self._columns.format!r}."
                    raise refuse("bad_time", message, column, hint)
                cell = cell if moment is None else moment.isoformat()
            return _instant(cell, column)
        return None

    def _made_id(self, line: int, row: Mapping[str, Any]) -> str:
        source = self._source
        if source.run:
            return f"{source.run}-{line}"
        return f"import-{hash_bytes(b'%b:%d:%b' % (self._name, line, _sorted(row))):016x}"


def _nobody(line: int, what: What, someone: bool, group_id: str, name: str) -> Problem | None:
    """Return what a row lacks to be about someone, or something."""
    if not someone and what != "organizations":
        return Problem("import.nobody", "The row names nobody.", f"line {line}")
    if what == "organizations" and not group_id:
        return Problem("import.nobody", "The row names no organization.", f"line {line}")
    if what == "events" and not name:
        return Problem("import.no-event", "The row names no event.", f"line {line}")
    return None


def row_event(line: int, row: Mapping[str, Any], source: Source) -> Event | Problem:
    """Return the event of one row, or why it is refused."""
    return RowEvents(source).event(line, row)


def zone_of(columns: Columns) -> ZoneInfo:
    """Return the zone of a file's local times. Raises LenticularError for one that there is not."""
    try:
        return ZoneInfo(columns.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = "Write a name of the IANA time zone database, such as Europe/Madrid."
        raise LenticularError(Problem("import.zone", f"There is no time zone {columns.zone!r}.", hint=hint)) from None


def _instant(cell: Any, column: str) -> int | None:
    """Return the moment (ms) of a cell.

    Beside what the wire takes: whole seconds or milliseconds since 1970 as text, and ` UTC` behind a time, as
    warehouses write it. Raises RefusedError.
    """
    if isinstance(cell, str):
        if len(cell) == _DIGITS_OF_MILLISECONDS and cell.isdecimal() and cell.isascii() and cell < FAR:
            return int(cell)
        cell = cell.strip().removesuffix(" UTC")
        if _WHOLE.fullmatch(cell):
            cell = int(cell) * (1_000 if len(cell) <= _DIGITS_OF_SECONDS else 1)
    return instant(cell, column)


def id_of(row: Mapping[str, Any], column: str) -> str:
    """Return an id or a name as text, empty if there is none. Raises RefusedError for one that is too long."""
    cell = row.get(column)
    if cell is None or isinstance(cell, bool):
        return ""
    if type(cell) is not str:
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        if not isinstance(cell, int | float):
            raise refuse("bad_id", "An id must be a text or a number.", column)
        cell = str(cell)
    cell = cell.strip()
    if len(cell) > MAX_ID:
        raise refuse("bad_id", f"This is longer than {MAX_ID} characters.", column, "Shorten it.")
    return sound(cell, "", column)
