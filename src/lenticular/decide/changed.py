"""A snapshot of a catalog that differs in a few definitions from one that is compiled: only these are compiled."""

from __future__ import annotations

import msgspec

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.page import plain_path
from lenticular.catalog.paths import is_pattern
from lenticular.decide.place import Option, Place, ready_page, ready_slot
from lenticular.decide.popular import UNCOUNTED, Popular
from lenticular.decide.snapshot import Snapshot, compile_snapshot, patterns_of


def changed(snapshot: Snapshot, before: Catalog, after: Catalog, popular: Popular = UNCOUNTED) -> Snapshot:
    """Return the snapshot of a catalog, `snapshot` being that of another; its `revision` may be the other's.

    Where pages and slots alone differ it takes milliseconds, however large the rest is.
    """
    if any(getattr(before, part) != getattr(after, part) for part in ("site", "content", "collections", "types")):
        return compile_snapshot(after, snapshot.private, popular)
    calendar, collections = snapshot.calendar, snapshot.collections
    slots = {
        key: snapshot.slots[key]
        if before.slots.get(key) is slot and key in snapshot.slots
        else ready_slot(slot, calendar, collections)
        for key, slot in after.slots.items()
    }
    same = slots == snapshot.slots
    kept = {plain_path(page.path): page for page in reversed(before.pages.values())} if same else {}
    pages: dict[str, Place] = {}
    for page in after.pages.values():
        path = plain_path(page.path)
        if path in pages:
            continue
        known = kept.get(path) is page and path in snapshot.pages
        pages[path] = snapshot.pages[path] if known else ready_page(page, calendar, collections, slots)
    patterns = snapshot.patterns
    if set(filter(is_pattern, pages)) or patterns:
        patterns = patterns_of(pages)
    return msgspec.structs.replace(snapshot, pages=pages, slots=slots, patterns=patterns)


def showing(place: Place, experience: str) -> Place | None:
    """Return a page or slot that shows one of its experiences to everybody, or with an empty key its default.

    None if it has no such experience.
    """
    if not experience:
        return msgspec.structs.replace(place, options=())
    found: Option | None = next((one for one in place.options if one.key == experience), None)
    if found is None:
        return None
    always = msgspec.structs.replace(found, segment=None, start=None, end=None, shadow=None, holdout=0.0)
    return msgspec.structs.replace(place, options=(always,))
