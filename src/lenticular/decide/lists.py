"""Content items and collections, ready for use in decisions."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from lenticular.catalog.collection import Collection
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.moments import parse_span
from lenticular.criteria.calendar import Calendar
from lenticular.decide.cap import Cap, ready_cap
from lenticular.decide.decision import Item
from lenticular.decide.faces import face


class ReadyItem(msgspec.Struct, frozen=True):
    """A content item with its schedule in ms; `face` is all of it that can be seen."""

    item: Item
    face: str
    start: int | None = None
    end: int | None = None
    cap: Cap | None = None


class ReadyList(msgspec.Struct, frozen=True):
    """A list of a collection, for a segment or (None) by default; `unknown` are items that can't be used."""

    segment: str | None
    items: tuple[ReadyItem, ...]
    unknown: tuple[str, ...]


class ReadyCollection(msgspec.Struct, frozen=True):
    """A collection: its variations in order, then the default list; `segments` are those of the variations."""

    key: str
    merge: bool
    limit: int | None
    lists: tuple[ReadyList, ...]
    segments: frozenset[str]


def ready_items(content: Mapping[str, ContentItem], calendar: Calendar) -> dict[str, ReadyItem]:
    """Return the items that can be used: those with plain fields, a readable schedule and cap."""
    ready = {}
    for key, item in content.items():
        try:
            start, end = parse_span(item.start, item.end, calendar)
            ready[key] = ReadyItem(
                item=Item(key, item.type, item.fields),
                face=face(key, item.type, item.fields),
                start=start,
                end=end,
                cap=ready_cap(item.cap) if item.cap else None,
            )
        except ValueError:
            continue
    return ready


def ready_collection(collection: Collection, items: Mapping[str, ReadyItem]) -> ReadyCollection:
    """Return a collection with its items looked up."""
    lists = [(one.segment, one.items) for one in collection.variations]
    return ReadyCollection(
        key=collection.key,
        merge=collection.combine == "merge",
        limit=collection.limit,
        lists=tuple(_list(segment, keys, items) for segment, keys in [*lists, (None, collection.items)]),
        segments=frozenset(one.segment for one in collection.variations),
    )


def _list(segment: str | None, keys: tuple[str, ...], items: Mapping[str, ReadyItem]) -> ReadyList:
    return ReadyList(
        segment,
        tuple(items[key] for key in keys if key in items),
        tuple(key for key in keys if key not in items),
    )
