"""A sheet that is accepted and not folded to its end yet: its events are found by who is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from lenticular.profiles.event import Event
from lenticular.profiles.sheet import NONE, Column, Sheet


class Waiting:
    """A sheet whose numbers begin at `first`; `done` of its rows a fold holds already."""

    def __init__(self, first: int, sheet: Sheet) -> None:
        self.first, self.sheet, self.done = first, sheet, 0

    def __len__(self) -> int:
        return len(self.sheet) - self.done

    def first_of(self, message_id: str) -> int | None:
        """Return the number under which a message waits."""
        row = self._rows_of_ids.get(message_id, NONE)
        return self.first + row if row >= self.done else None

    def about(self, kind: str, value: str) -> Iterator[tuple[int, Event]]:
        """Yield the events that name an identity (`kind` is `user` or `anonymous`)."""
        for row in self._rows_of(kind).get(value, ()):
            if row >= self.done:
                yield self.first + row, self.sheet.event(row)

    def pairs(self, limit: int) -> Iterator[tuple[int, Event]]:
        """Yield the oldest events, with their numbers."""
        return enumerate(self.sheet.events(self.done, self.done + limit), self.first + self.done)

    def _rows_of(self, kind: str) -> dict[str, list[int]]:
        return self._of_users if kind == "user" else self._of_anonymous if kind == "anonymous" else {}

    @cached_property
    def _rows_of_ids(self) -> dict[str, int]:
        return dict(zip(self.sheet.message_ids, range(len(self.sheet)), strict=True))

    @cached_property
    def _of_users(self) -> dict[str, list[int]]:
        return _by_text(self.sheet.user_ids)

    @cached_property
    def _of_anonymous(self) -> dict[str, list[int]]:
        return _by_text(self.sheet.anonymous_ids)


def _by_text(column: Column) -> dict[str, list[int]]:
    rows: list[list[int]] = [[] for _ in column.values]
    for row, place in enumerate(column.places):
        if place >= 0:
            rows[place].append(row)
    return dict(zip(column.values, rows, strict=True))


def identities_in(sheet: Sheet) -> Iterable[tuple[str, str]]:
    """Return the identities that a sheet names."""
    users = [("user", value) for value in sheet.user_ids.values]
    return [*users, *(("anonymous", value) for value in sheet.anonymous_ids.values)]
