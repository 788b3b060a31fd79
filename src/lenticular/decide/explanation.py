"""Why a decision is as it is, part by part, with codes for programs and a sentence for people."""

from __future__ import annotations

from typing import Literal

import msgspec

ExperienceState = Literal["won", "no_match", "outside_schedule", "not_reached", "never_shown", "failed", "held_out"]
ListState = Literal["used", "no_match", "empty", "not_reached", "held_out"]
Why = Literal["capped", "not_yet", "ended", "shown_already", "limit", "unknown", "seen"]


class ExperienceExplained(msgspec.Struct, frozen=True, rename="camel"):
    """One experience of the ordered list. `by` is the earlier one that won, or always wins, instead.

    `until` (ms) is when its schedule begins, if it is still to come. An experience without a segment is for
    anyone.
    """

    key: str
    name: str
    segment: str | None
    state: ExperienceState
    message: str
    by: str | None = None
    until: int | None = None


class ListExplained(msgspec.Struct, frozen=True, rename="camel"):
    """One list of a collection: a variation by its segment, or the default list (None)."""

    segment: str | None
    state: ListState
    message: str


class LeftOut(msgspec.Struct, frozen=True, rename="camel"):
    """An item that was its turn and is not shown. `until` (ms) is when that ends by itself, if it is known.

    `by` is the collection, or the group of the site, whose cap keeps it back; None where that is its own.
    """

    item: str
    why: Why
    message: str
    until: int | None = None
    by: str | None = None


class CollectionExplained(msgspec.Struct, frozen=True, rename="camel"):
    """How the items of one block were chosen."""

    block: str
    collection: str
    combine: str
    lists: list[ListExplained]
    left_out: list[LeftOut]


class PlaceExplained(msgspec.Struct, frozen=True, rename="camel"):
    """A page or slot: its experiences in order, whether the default is shown, and its collections."""

    experiences: list[ExperienceExplained]
    default: bool
    message: str
    collections: list[CollectionExplained]


class Explanation(msgspec.Struct, frozen=True, rename="camel"):
    """The explanation of a whole decision."""

    page: PlaceExplained | None
    slots: dict[str, PlaceExplained]
