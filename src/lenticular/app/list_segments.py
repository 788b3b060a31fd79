"""A site's segments, each with what an editor wants to know of it at a glance."""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

import msgspec

from lenticular.app.engine import Engine
from lenticular.app.preparing import preparing
from lenticular.app.segment_history import Size, newest_sizes
from lenticular.app.site import LiveSite
from lenticular.catalog.rules import lists_in
from lenticular.criteria.needs import fields_of, is_forgeable
from lenticular.criteria.purposes import PURPOSES
from lenticular.criteria.sentence import sentence
from lenticular.criteria.tally.kept import all_kept
from lenticular.criteria.tree import segments_in
from lenticular.errors import LenticularError

State = Literal["live", "preparing"]


class Uses(msgspec.Struct, frozen=True):
    """What a segment's rule names: other segments, static lists, properties (`user.plan`), and events."""

    segments: list[str]
    lists: list[str]
    properties: list[str]
    events: list[str]


class ListedSegment(msgspec.Struct, frozen=True, rename="camel"):
    """A segment: its rule in text form as it was written, and in words.

    `static`: it has a static list. `untrusted`: it reads something that a visitor could forge. `purposes` are those
    that it needs, with the segments that it names. `state`: `preparing` while the past of its behaviours is still being
    counted, of which `progress` is done (0 … 1); it is decided from the log meanwhile. `size` is how many there were
    when it was counted last, null if it never was or the events store does not answer.
    """

    key: str
    name: str
    description: str
    rule: str
    sentence: str
    static: bool
    untrusted: bool
    purposes: list[str]
    state: State
    progress: float
    uses: Uses
    size: Size | None = None


class SegmentPage(msgspec.Struct, frozen=True):
    """Segments in the order of their keys, and the key after which the next page begins, if there is one."""

    segments: list[ListedSegment]
    next: str | None


def list_segments(site: LiveSite, after: str, limit: int, language: str = "en") -> SegmentPage:
    """Return up to `limit` live segments whose key is above `after`, their sentences in a language (BCP 47)."""
    engine, waiting = site.engine, preparing(site).segments
    keys = sorted(engine.catalog.segments)
    begin = bisect_right(keys, after)
    page = keys[begin : begin + limit]
    following = page[-1] if begin + limit < len(keys) else None
    return SegmentPage([_listed(engine, key, language, waiting.get(key)) for key in page], following)


async def with_sizes(site: LiveSite, page: SegmentPage) -> SegmentPage:
    """Return a page of segments with their sizes, as far as these are known."""
    try:
        sizes = await newest_sizes(site, [one.key for one in page.segments])
    except LenticularError:
        return page
    listed = [msgspec.structs.replace(one, size=sizes.get(one.key)) for one in page.segments]
    return SegmentPage(listed, page.next)


def _listed(engine: Engine, key: str, language: str, progress: float | None) -> ListedSegment:
    segments, one = engine.segments, engine.catalog.segments[key]
    tree, schema = segments.trees[key], segments.schema
    return ListedSegment(
        key=key,
        name=one.name,
        description=one.description,
        rule=one.rule,
        sentence=sentence(tree, schema, language),
        static=one.static,
        untrusted=is_forgeable(tree, segments.trees, schema),
        purposes=[name for name, bit in PURPOSES.items() if segments.needs[key] & bit],
        state="live" if progress is None else "preparing",
        progress=1.0 if progress is None else progress,
        uses=_uses(engine, key),
    )


def _uses(engine: Engine, key: str) -> Uses:
    segments = engine.segments
    tree = segments.trees[key]
    events = {name for one in all_kept(tree, segments.schema) for name in segments.plan.tallies[one.key].events}
    return Uses(
        segments_in(tree),
        lists_in(tree),
        sorted({f"{field.scope}.{field.name}" for field in fields_of(tree)}),
        sorted(events),
    )
