"""Plain events of a file, kept column by column: what a part of an import is on its way into the journal and the log.

A value that comes again stands there once. Numbers are little-endian. An event of its own is made only of the row that
somebody asks for.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import msgspec

from lenticular.profiles.event import Event, Value

NONE = -1
"""The code of a row that has no value."""
_encode = msgspec.msgpack.Encoder().encode


class Column(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """A value per row: the different ones, and per row the place of its own among them (32 bits), or NONE."""

    values: list[Any]
    codes: bytes

    @cached_property
    def places(self) -> array[int]:
        """The codes as numbers."""
        return numbers("i", self.codes)

    def text(self, row: int) -> str:
        """Return a row's text, empty for none."""
        place = self.places[row]
        return self.values[place] if place >= 0 else ""


class Sheet(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """Events of which each is plain: something that someone did, told by a file. `times` has 64 bits for each (ms).

    `properties` are columns by stored key.
    """

    received: int
    message_ids: list[str]
    times: bytes
    anonymous_ids: Column
    user_ids: Column
    names: Column
    properties: dict[str, Column]

    def __len__(self) -> int:
        return len(self.message_ids)

    @cached_property
    def moments(self) -> array[int]:
        """The times as numbers."""
        return numbers("q", self.times)

    def event(self, row: int) -> Event:
        """Return the event of a row."""
        values: dict[str, Value] = {}
        for key, column in self.properties.items():
            place = column.places[row]
            if place >= 0:
                values[key] = column.values[place]
        return Event(
            "track",
            self.message_ids[row],
            self.moments[row],
            self.received,
            self.anonymous_ids.text(row),
            self.user_ids.text(row),
            self.names.text(row),
            values,
            imported=True,
        )

    def events(self, start: int = 0, stop: int | None = None) -> Iterator[Event]:
        """Yield the events of rows, of all unless told."""
        return map(self.event, range(start, len(self) if stop is None else min(stop, len(self))))


def is_plain(event: Event, impression: str) -> bool:
    """Return whether an event can be a row of a sheet: it says nothing but what happened."""
    return not (
        event.type != "track"
        or not event.imported
        or not event.name
        or event.name == impression
        or event.context
        or event.session
        or event.traits
        or event.removed
        or event.consent
        or event.group_id
        or event.group_removed
        or event.lists
        or event.trusted
        or event.previous_id
    )


def sheet_of(events: Sequence[Event]) -> Sheet:
    """Return a sheet of plain events that arrived at the same moment."""
    keys = dict.fromkeys(key for event in events for key in event.properties)
    return Sheet(
        events[0].received,
        [event.message_id for event in events],
        packed("q", (event.time for event in events)),
        coded(event.anonymous_id or None for event in events),
        coded(event.user_id or None for event in events),
        coded(event.name for event in events),
        {key: coded(event.properties.get(key) for event in events) for key in keys},
    )


def coded(values: Iterable[Any]) -> Column:
    """Return a column of values that are all of one type; None for none."""
    places: dict[Any, int] = {}
    different: list[Any] = []
    codes: list[int] = []
    for value in values:
        if value is None:
            codes.append(NONE)
            continue
        name = _encode(value) if type(value) is list else value
        place = places.get(name)
        if place is None:
            place = places[name] = len(different)
            different.append(value)
        codes.append(place)
    return Column(different, packed("i", codes))


def packed(kind: str, values: Iterable[int]) -> bytes:
    """Return numbers as bytes: `i` are of 32 bits, `q` of 64."""
    return _little(array(kind, values)).tobytes()


def numbers(kind: str, content: bytes) -> array[int]:
    """Return the numbers that `packed` made bytes of."""
    found: array[int] = array(kind)
    found.frombytes(content)
    return _little(found)


def _little(values: array[int]) -> array[int]:
    if sys.byteorder == "big":
        values.byteswap()
    return values
