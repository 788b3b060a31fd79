"""Content items and collections, ready for use in decisions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

import msgspec

from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.catalog import Catalog
from lenticular.catalog.collection import Collection
from lenticular.catalog.found import found_items
from lenticular.catalog.moments import parse_span
from lenticular.catalog.query import MOST_FOUND, Query
from lenticular.criteria.calendar import Calendar
from lenticular.decide.cap import Cap, ready_cap
from lenticular.decide.decision import Item
from lenticular.decide.faces import face
from lenticular.decide.group import Group, pressure_groups
from lenticular.decide.popular import Popular, queries_of
from lenticular.decide.ranking import Ranking, ranking
from lenticular.decide.referred import Phase, phases_of
from lenticular.decide.taste import Taste
from lenticular.errors import RuleError


class ReadyItem(msgspec.Struct, frozen=True):
    """A content item with its schedule in ms; `face` is all of it that can be seen, `groups` have a cap on it too.

    `replaced`: whether one of these caps names an item that is shown instead. `phases` are there if it changes with
    time what of the items that it refers to is shown.
    """

    item: Item
    face: str
    start: int | None = None
    end: int | None = None
    cap: Cap | None = None
    groups: tuple[Group, ...] = ()
    replaced: bool = False
    phases: tuple[Phase, ...] = ()

    def seen(self, now: int) -> tuple[Item, str]:
        """Return the item as it is now (ms), with its face."""
        if not self.phases:
            return self.item, self.face
        phase = self.phases[bisect_right(self.phases, now, key=lambda one: one.since) - 1]
        return phase.item, phase.face


class ReadyList(msgspec.Struct, frozen=True):
    """A list of a collection, for a segment or (None) by default: `items`, then those that were `found`.

    `unknown` are items that can't be used.
    """

    segment: str | None
    items: tuple[ReadyItem, ...]
    unknown: tuple[str, ...]
    found: Ranking[ReadyItem] | None = None

    def everything(self) -> Iterator[ReadyItem]:
        """Yield all that may be shown."""
        yield from self.items
        if self.found is not None:
            yield from self.found.members

    def ordered(self, taste: Taste) -> Iterable[ReadyItem]:
        """Return all that may be shown, in the order for a taste."""
        return chain(self.items, self.found.ordered(taste)) if self.found is not None else self.items

    @property
    def tags(self) -> frozenset[str]:
        """The topics by which interests put it in order."""
        return self.found.tags if self.found is not None else frozenset()

    @property
    def by_chance(self) -> bool:
        """Whether chance puts it in order."""
        return self.found is not None and self.found.chance


class ReadyCollection(msgspec.Struct, frozen=True):
    """A collection: its variations in order, then the default list; `segments` are those of the variations.

    `group` has its cap, `hide` is what an item counts as seen by. With a `parameter` only the item whose key the page's
    path has there is shown.
    """

    key: str
    merge: bool
    limit: int | None
    lists: tuple[ReadyList, ...]
    segments: frozenset[str]
    group: Group | None = None
    hide: Cap | None = None
    parameter: str | None = None

    def named(self, parts: Mapping[str, str]) -> ReadyItem | None:
        """Return the item whose key a path names, None if it is in none of the lists."""
        key = parts.get(self.parameter or "")
        return next((ready for one in self.lists for ready in one.everything() if ready.item.key == key), None)


class Content(msgspec.Struct, frozen=True):
    """The content of a catalog, looked up while its collections are made ready: `items` are those that can be used."""

    catalog: Catalog
    calendar: Calendar
    items: Mapping[str, ReadyItem]
    popular: Popular


def ready_items(catalog: Catalog, calendar: Calendar) -> dict[str, ReadyItem]:
    """Return the items that can be used: those with plain fields, a readable schedule and cap."""
    ready = {}
    groups = pressure_groups(catalog.site, catalog.content)
    for key, item in catalog.content.items():
        try:
            start, end = parse_span(item.start, item.end, calendar)
            cap = ready_cap(item.cap) if item.cap else None
            own = tuple(group for group in groups if key in group.members)
            ready[key] = ReadyItem(
                item=Item(key, item.type, item.fields),
                face=face(key, item.type, item.fields),
                start=start,
                end=end,
                cap=cap,
                groups=own,
                replaced=any(one is not None and one.instead is not None for one in (cap, *(each.cap for each in own))),
            )
        except ValueError:
            continue
    return _with_referred(ready, catalog)


def _with_referred(ready: dict[str, ReadyItem], catalog: Catalog) -> dict[str, ReadyItem]:
    """Return items with those that they refer to in their fields."""
    refer = {
        key for key, kind in catalog.types.items() if any("reference" in (one.type, one.of) for one in kind.fields)
    }
    if not refer:
        return ready
    told = {key: one.item for key, one in ready.items()}
    spans = {key: (one.start, one.end) for key, one in ready.items()}
    found = dict(ready)
    for key, one in ready.items():
        if one.item.type in refer:
            first, *more = phases_of(catalog.content[key], catalog.types[one.item.type], told, spans)
            phases = (first, *more) if more else ()
            found[key] = msgspec.structs.replace(one, item=first.item, face=first.face, phases=phases)
    return found


def ready_collection(collection: Collection, content: Content) -> ReadyCollection:
    """Return a collection with its items looked up. A cap, or a time to hide, that can't be read is left out."""
    limit = collection.limit
    if limit is None and any(queries_of(collection)):
        limit = MOST_FOUND
    default = _list(None, collection.items, collection.query, content)
    ready = (*(_list(one.segment, one.items, one.query, content) for one in collection.variations), default)
    return ReadyCollection(
        key=collection.key,
        merge=collection.combine == "merge",
        limit=limit,
        lists=ready,
        segments=frozenset(one.segment for one in collection.variations),
        group=_group(collection, ready),
        hide=_hide(collection.hide_seen),
        parameter=collection.parameter,
    )


def _group(collection: Collection, lists: Iterable[ReadyList]) -> Group | None:
    if collection.cap is None:
        return None
    members = frozenset(one.item.key for each in lists for one in each.everything())
    try:
        cap = ready_cap(collection.cap)
    except ValueError:
        return None
    return Group(collection.key, collection.name or collection.key, "collection", cap, members)


def _hide(seen: str | None) -> Cap | None:
    """Return what leaves out an item that was seen: a cap of one."""
    match seen:
        case None:
            return None
        case "ever":
            return Cap(1, "lifetime")
        case "session" | "day" | "week" | "month":
            return Cap(1, seen)
    try:
        return ready_cap(FrequencyCap(gap=seen))
    except ValueError:
        return None


def _list(segment: str | None, keys: tuple[str, ...], query: Query | None, content: Content) -> ReadyList:
    items = content.items
    pinned = tuple(items[key] for key in keys if key in items)
    unknown = tuple(key for key in keys if key not in items)
    return ReadyList(segment, pinned, unknown, _found(query, frozenset(keys), content) if query else None)


def _found(query: Query, pinned: frozenset[str], content: Content) -> Ranking[ReadyItem] | None:
    """Return what a query finds beside what is named; a query that can't be read finds nothing."""
    try:
        found = {
            item.key: item
            for item in found_items(query, content.catalog, content.calendar)
            if item.key in content.items and item.key not in pinned
        }
    except (RuleError, ValueError):
        return None
    languages = content.catalog.site.locales
    return ranking(found, content.items.__getitem__, query.sort, content.calendar, content.popular, languages)
