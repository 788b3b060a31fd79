"""A catalog compiled for deciding: immutable, swapped as a whole when a catalog is published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.page import plain_path
from lenticular.catalog.paths import by_precision, expression, is_pattern
from lenticular.criteria.calendar import Calendar, calendar_of
from lenticular.decide.holdout import ReadyHoldout, ready_holdout
from lenticular.decide.lists import Content, ReadyCollection, ReadyItem, ready_collection, ready_items
from lenticular.decide.place import Place, ready_page, ready_slot
from lenticular.decide.popular import UNCOUNTED, Counted, Popular, counted_by
from lenticular.decide.request import Visitor
from lenticular.decide.taste import Taste, interests_of, lot_of


class Snapshot(msgspec.Struct, frozen=True):
    """Everything that decisions of one site need. Pages are found by path, slots and collections by key; where no page
    has a path of its own, the first of `patterns` that matches it.

    `private` are the segments that read more than a request's context; None stands for all. `items` are all that can be
    used, `tastes` the topics by which interests put any list in order, `chance` says whether chance does.
    """

    site: str
    revision: str
    calendar: Calendar
    pages: Mapping[str, Place]
    slots: Mapping[str, Place]
    collections: Mapping[str, ReadyCollection]
    private: frozenset[str] | None
    holdout: ReadyHoldout
    patterns: tuple[tuple[re.Pattern[str], Place], ...] = ()
    items: Mapping[str, ReadyItem] = {}
    tastes: frozenset[str] = frozenset()
    chance: bool = False

    def page(self, path: str) -> Place | None:
        """Return the page of a path; query, fragment and a closing slash don't matter."""
        found = self.pages.get(path) or self.pages.get(plain := plain_path(path))
        return found or next((place for pattern, place in self.patterns if pattern.fullmatch(plain)), None)

    def needs(self, page: str | None, slots: Iterable[str]) -> frozenset[str]:
        """Return the keys of the segments that a decision may depend on; what doesn't exist needs nothing."""
        places = [self.page(page)] if page is not None else []
        places += [self.slots.get(slot) for slot in slots]
        found = [place.segments for place in places if place]
        if self.holdout.without and any(found):
            found.append(self.holdout.without)
        return frozenset[str]().union(*found)

    def is_private(self, segment: str) -> bool:
        """Return whether a segment reads what is known of one visitor."""
        return self.private is None or segment in self.private

    def taste_of(self, visitor: Visitor, now: int) -> Taste:
        """Return by what lists are put in order for a visitor: by nothing where no list asks for it."""
        if not (self.chance or self.tastes):
            return Taste()
        day = self.calendar.day(now)
        wanted = self.tastes and visitor.interests
        interests = interests_of(visitor.interests, self.tastes, day) if wanted else ()
        return Taste(interests, day, lot_of(self.site, visitor.bucketing_id, day)) if self.chance else Taste(interests)

    def showable(self) -> Iterator[ReadyItem]:
        """Yield, once each, the items of all collections, and those that may take the place of one."""
        collections = self.collections.values()
        waiting = {one.item.key: one for each in collections for part in each.lists for one in part.everything()}
        caps = [each.group.cap for each in collections if each.group is not None]
        seen = set[str]()
        while waiting:
            yield from waiting.values()
            seen |= waiting.keys()
            for one in waiting.values():
                caps += [one.cap] if one.cap is not None else []
                caps += [group.cap for group in one.groups]
            instead = {cap.instead for cap in caps if cap.instead is not None} - seen
            waiting, caps = {key: self.items[key] for key in instead if key in self.items}, []


def compile_snapshot(catalog: Catalog, private: frozenset[str] | None = None, popular: Popular = UNCOUNTED) -> Snapshot:
    """Return the snapshot of a catalog, its lists in order by what was counted.

    It is meant for a catalog without fatal problems, and does its best with any other: a part that can't be
    used shows its default with the reason ERROR. Raises ValueError for an unknown time zone.
    """
    calendar = calendar_of(catalog.site.timezone)
    content = Content(catalog, calendar, ready_items(catalog, calendar), popular)
    collections = {key: ready_collection(one, content) for key, one in catalog.collections.items()}
    slots = {key: ready_slot(slot, calendar, collections) for key, slot in catalog.slots.items()}
    pages: dict[str, Place] = {}
    for page in catalog.pages.values():
        pages.setdefault(plain_path(page.path), ready_page(page, calendar, collections, slots))
    lists = [part for each in collections.values() for part in each.lists]
    return Snapshot(
        site=catalog.site.key,
        revision=catalog.revision,
        calendar=calendar,
        pages=pages,
        slots=slots,
        collections=collections,
        private=private,
        holdout=ready_holdout(catalog.site),
        patterns=patterns_of(pages),
        items=content.items,
        tastes=frozenset[str]().union(*(one.tags for one in lists)),
        chance=any(one.by_chance for one in lists),
    )


def patterns_of(pages: Mapping[str, Place]) -> tuple[tuple[re.Pattern[str], Place], ...]:
    """Return the pages whose paths are patterns, the most precise one first."""
    return tuple((re.compile(expression(path)), pages[path]) for path in by_precision(filter(is_pattern, pages)))


def without_holdout(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot for those who look before visitors do: nobody is held out."""
    return msgspec.structs.replace(snapshot, holdout=msgspec.structs.replace(snapshot.holdout, off=True))


def counted_in(catalog: Catalog) -> frozenset[Counted]:
    """Return what must be counted in the log to put a catalog's lists in order."""
    return frozenset[Counted]().union(*map(counted_by, catalog.collections.values()))


def recounted(snapshot: Snapshot, catalog: Catalog, popular: Popular) -> Snapshot:
    """Return the snapshot of a catalog with its lists put in order anew, by what was counted since."""
    content = Content(catalog, snapshot.calendar, snapshot.items, popular)
    anew = {key: ready_collection(one, content) for key, one in catalog.collections.items() if counted_by(one)}
    return msgspec.structs.replace(snapshot, collections={**snapshot.collections, **anew}) if anew else snapshot
