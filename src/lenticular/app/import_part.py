"""What passes between the one who reads a file and the site that takes its rows in."""

from __future__ import annotations

import msgspec

from lenticular.app.columns import Columns, What
from lenticular.app.report import Report
from lenticular.app.row import Position
from lenticular.criteria.tables import Type
from lenticular.profiles.event import Event
from lenticular.profiles.sheet import Sheet


class Beginning(msgspec.Struct, frozen=True, rename="camel"):
    """An import: what its rows are, the file's name, its size (bytes) and a hash of how it begins, the columns, and the
    properties that it brings: [scope, name, type].

    `segment` is whose list members are put on. `restart` begins at the first row whatever was imported before.
    """

    what: What
    name: str
    size: int
    head: str
    columns: Columns
    properties: list[tuple[str, str, Type]] = []
    segment: str = ""
    restart: bool = False


class Note(msgspec.Struct, frozen=True, rename="camel"):
    """An import that is not complete: how far it has come, and what became of the rows up to there."""

    id: str
    what: What
    name: str
    size: int
    position: Position
    report: Report
    updated: int


class Part(msgspec.Struct, frozen=True, rename="camel"):
    """Events of an import, the line of each, and how far the file is read behind them.

    `refused` counts the rows up to there that are no events. `complete` says that nothing follows. Where `advance` is
    false, rows of before may still follow: the position stays. Plain events are a `sheet` instead, without lines.
    """

    events: list[Event]
    lines: list[int]
    what: What
    position: Position = msgspec.field(default_factory=Position)
    refused: Report = msgspec.field(default_factory=Report)
    create: bool = False
    dry: bool = False
    advance: bool = True
    complete: bool = False
    sheet: Sheet | None = None

    def __len__(self) -> int:
        return len(self.events) if self.sheet is None else len(self.sheet)


class Taken(msgspec.Struct, frozen=True, rename="camel"):
    """What became of some events: the report, the lines of those whose person is unknown, how many properties are known
    by now.
    """

    report: Report
    unknown: list[int] = []
    properties: int = 0
