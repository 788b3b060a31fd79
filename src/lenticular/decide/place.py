"""Pages and slots, ready for use in decisions: every experience merged and ordered beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from lenticular.catalog.block import Block
from lenticular.catalog.experience import Experience
from lenticular.catalog.merged import merged_block, merged_blocks
from lenticular.catalog.moments import parse_span
from lenticular.catalog.page import Page, plain_path
from lenticular.catalog.paths import named_parts
from lenticular.catalog.shadowed import shadowed
from lenticular.catalog.slot import Slot
from lenticular.criteria.calendar import Calendar
from lenticular.decide.arrangement import Arrangement, Known, arrange
from lenticular.decide.lists import ReadyCollection


class Option(msgspec.Struct, frozen=True):
    """An experience with its schedule in ms and its blocks; `shadow` is the one that always wins instead, if any."""

    key: str
    name: str
    segment: str | None
    start: int | None
    end: int | None
    arrangement: Arrangement
    shadow: str | None
    holdout: float = 0.0


class Place(msgspec.Struct, frozen=True):
    """A page (`path`) or a slot (its key in `path`): options in order, the default, the segments that it asks about.

    `collections` are the keys of all that may fill one of its blocks, or one of the slots that a page shows; `named` of
    those by whose parameter its path names an item.
    """

    path: str
    options: tuple[Option, ...]
    default: Arrangement
    segments: frozenset[str]
    collections: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()

    def parts(self, path: str) -> dict[str, str]:
        """Return what a path has for the parameters that its collections ask for."""
        return named_parts(self.path, plain_path(path)) if self.named else {}


def ready_page(
    page: Page, calendar: Calendar, collections: Mapping[str, ReadyCollection], slots: Mapping[str, Place]
) -> Place:
    """Return a page with every experience merged; the slots that it shows are ready."""

    def arranged(experience: Experience) -> Arrangement:
        merged = merged_blocks(page.blocks, experience.overrides)
        return arrange(merged.blocks, "; ".join(misfit.message for misfit in merged.misfits), known)

    known: Known = {}
    default = arrange(page.blocks, known=known)
    options = _options(page.experiences, arranged, calendar)
    return _place(plain_path(page.path), options, default, collections, slots)


def ready_slot(slot: Slot, calendar: Calendar, collections: Mapping[str, ReadyCollection]) -> Place:
    """Return a slot with every experience merged."""

    def arranged(experience: Experience) -> Arrangement:
        block, wrong = merged_block(slot.block, experience.overrides)
        return _alone(slot.key, block, "; ".join(misfit.message for misfit in wrong))

    options = _options(slot.experiences, arranged, calendar)
    return _place(slot.key, options, _alone(slot.key, slot.block, ""), collections, {})


def _alone(key: str, block: Block | None, problem: str) -> Arrangement:
    """Arrange the one block of a slot, whose id is the slot's key."""
    alone = {key: msgspec.structs.replace(block, parent=None)} if block else {}
    return arrange(alone, problem)


def _options(
    experiences: tuple[Experience, ...],
    arranged: Callable[[Experience], Arrangement],
    calendar: Calendar,
) -> tuple[Option, ...]:
    hidden = shadowed(experiences, calendar)
    options = []
    for at, experience in enumerate(experiences):
        schedule = experience.schedule
        arrangement = arranged(experience)
        start: int | None = None
        end: int | None = None
        try:
            if schedule:
                start, end = parse_span(schedule.start, schedule.end, calendar)
        except ValueError as error:
            arrangement = Arrangement((), str(error))
        options.append(
            Option(
                key=experience.key,
                name=experience.name or experience.key,
                segment=experience.segment,
                start=start,
                end=end,
                arrangement=arrangement,
                shadow=experiences[hidden[at].by[0]].key if at in hidden else None,
                holdout=experience.holdout,
            )
        )
    return tuple(options)


def _place(
    path: str,
    options: tuple[Option, ...],
    default: Arrangement,
    collections: Mapping[str, ReadyCollection],
    slots: Mapping[str, Place],
) -> Place:
    own: set[str] = set()
    shown: set[str] = set()
    segments = {option.segment for option in options if option.segment is not None}
    for arrangement in (default, *(option.arrangement for option in options)):
        for block in arrangement.blocks:
            collection = collections.get(block.shown.collection or "")
            if collection:
                own.add(collection.key)
                segments |= collection.segments
            slot = slots.get(block.slot or "")
            if slot:
                shown |= slot.collections
                segments |= slot.segments
    named = frozenset(key for key in own if collections[key].parameter is not None)
    return Place(path, options, default, frozenset(segments), frozenset(own | shown), named)
