"""The answer to "what should this visitor see here?", as it goes over the wire."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lenticular.decide.explanation import Explanation
from lenticular.decide.reason import Reason
from lenticular.errors import Problem


class Item(msgspec.Struct, frozen=True, rename="camel"):
    """A content item to show."""

    key: str
    type: str
    fields: dict[str, Any]


class PageBlock(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A block to show; the one that contains it stands before it.

    With a collection, `variation` is the segment whose list was used (absent: the default list) and `reason`
    says why the items are these; `held_out` is there if a variation was held back.
    """

    id: str
    kind: str
    settings: dict[str, Any]
    parent: str | None
    items: tuple[Item, ...]
    collection: str | None = None
    variation: str | None = None
    reason: Reason | None = None
    held_out: HeldOut | msgspec.UnsetType = msgspec.UNSET


class HeldOut(msgspec.Struct, frozen=True):
    """What someone would see who is not in a holdout: an experience, and the segment that it is for; or of a
    collection the `variation` (its segment).
    """

    experience: str | msgspec.UnsetType = msgspec.UNSET
    segment: str | msgspec.UnsetType | None = msgspec.UNSET
    variation: str | msgspec.UnsetType = msgspec.UNSET


class PageDecision(msgspec.Struct, frozen=True, rename="camel"):
    """What a page shows: `blocks` in their order, containers before what they contain; their `html` if asked for.
    Slots that are shown on it are among the decision's.

    `held_out` is there with the reason HOLDOUT.
    """

    path: str
    experience: str | None
    variant: str | None
    reason: Reason
    segment: str | None
    blocks: tuple[PageBlock, ...]
    held_out: HeldOut | msgspec.UnsetType = msgspec.UNSET
    html: str | msgspec.UnsetType = msgspec.UNSET


class SlotBlock(msgspec.Struct, frozen=True, rename="camel"):
    """The one block of a slot."""

    id: str
    kind: str
    settings: dict[str, Any]


class SlotDecision(msgspec.Struct, frozen=True, rename="camel"):
    """What a slot shows; `block` is None when it is hidden here. Its `html` if that was asked for. `held_out` is there
    with the reason HOLDOUT.
    """

    experience: str | None
    segment: str | None
    block: SlotBlock | None
    collection: str | None
    variation: str | None
    items: tuple[Item, ...]
    reason: Reason
    held_out: HeldOut | msgspec.UnsetType = msgspec.UNSET
    html: str | msgspec.UnsetType = msgspec.UNSET


class Decision(msgspec.Struct, frozen=True, rename="camel"):
    """The whole answer.

    `segments` are those that the visitor is in, of those that were asked about. `cache_key` stands for what
    is visible: two answers that show the same have the same. `cache` is private if the answer depends on a
    cap or on a segment that reads more than the request's context. `problems` names pages and slots that do
    not exist.
    """

    id: str
    page: PageDecision | None
    slots: dict[str, SlotDecision]
    segments: list[str]
    cache_key: str
    cache: Literal["private", "shared"]
    problems: list[Problem] | msgspec.UnsetType = msgspec.UNSET
    explain: Explanation | msgspec.UnsetType = msgspec.UNSET


class Outcome(msgspec.Struct, frozen=True):
    """A decision and what its caller has to do.

    `reserve` are the items with a cap that it shows: reserve them before the answer leaves. `answered` is
    false if nothing that was asked for exists. `failures` are errors inside a part, to be logged; the part
    shows its default.
    """

    decision: Decision
    reserve: tuple[str, ...] = ()
    answered: bool = True
    failures: tuple[Exception, ...] = ()
