"""A catalog compiled for deciding: immutable, swapped as a whole when a catalog is published."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.page import plain_path
from lenticular.catalog.paths import by_precision, expression, is_pattern
from lenticular.criteria.calendar import Calendar, calendar_of
from lenticular.decide.holdout import ReadyHoldout, ready_holdout
from lenticular.decide.lists import ReadyCollection, ready_collection, ready_items
from lenticular.decide.place import Place, ready_page, ready_slot


class Snapshot(msgspec.Struct, frozen=True):
    """Everything that decisions of one site need. Pages are found by path, slots and collections by key; where no page
    has a path of its own, the first of `patterns` that matches it.

    `private` are the segments that read more than a request's context; None stands for all.
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


def compile_snapshot(catalog: Catalog, private: frozenset[str] | None = None) -> Snapshot:
    """Return the snapshot of a catalog.

    It is meant for a catalog without fatal problems, and does its best with any other: a part that can't be
    used shows its default with the reason ERROR. Raises ValueError for an unknown time zone.
    """
    calendar = calendar_of(catalog.site.timezone)
    items = ready_items(catalog.content, calendar)
    collections = {key: ready_collection(one, items) for key, one in catalog.collections.items()}
    pages: dict[str, Place] = {}
    for page in catalog.pages.values():
        pages.setdefault(plain_path(page.path), ready_page(page, calendar, collections))
    return Snapshot(
        site=catalog.site.key,
        revision=catalog.revision,
        calendar=calendar,
        pages=pages,
        slots={key: ready_slot(slot, calendar, collections) for key, slot in catalog.slots.items()},
        collections=collections,
        private=private,
        holdout=ready_holdout(catalog.site),
        patterns=tuple((re.compile(expression(path)), pages[path]) for path in by_precision(filter(is_pattern, pages))),
    )
