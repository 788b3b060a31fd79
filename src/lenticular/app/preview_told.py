"""What a preview's decision says of itself: where the preview is the reason, and nothing that is known of a person."""

from __future__ import annotations

from collections.abc import Set

from msgspec import UNSET
from msgspec.structs import replace

from lenticular.decide.decision import Decision, PageBlock, PageDecision, SlotDecision
from lenticular.decide.explanation import CollectionExplained, Explanation, LeftOut, PlaceExplained

_DISCREET = {
    "capped": "Left out: a cap keeps it back from this person.",
    "seen": "Left out: this person has seen it.",
}


def with_preview(decision: Decision, forced: Set[str]) -> Decision:
    """Return a decision that says PREVIEW wherever the preview, and not the visitor, is why something is shown."""
    page = _page(decision.page, forced) if decision.page else None
    slots = {key: _slot(slot, forced) for key, slot in decision.slots.items()}
    return replace(decision, page=page, slots=slots, cache="private")


def with_truth(decision: Decision, truth: Decision) -> Decision:
    """Return a decision for which no lots were drawn, that says in `heldOut` what they keep back in truth."""
    page, true_page = decision.page, truth.page
    if page is not None and true_page is not None:
        held = {block.id: block.held_out for block in true_page.blocks}
        blocks = tuple(replace(block, held_out=held.get(block.id, UNSET)) for block in page.blocks)
        page = replace(page, held_out=true_page.held_out, blocks=blocks)
    # What is held back of a page may have brought other slots with it.
    slots = {
        key: replace(slot, held_out=truth.slots[key].held_out) if key in truth.slots else slot
        for key, slot in decision.slots.items()
    }
    return replace(decision, page=page, slots=slots)


def discreet(decision: Decision) -> Decision:
    """Return a decision that does not say when somebody saw something."""
    explained = decision.explain
    if explained is UNSET or not isinstance(explained, Explanation):
        return decision
    page = _discreet(explained.page) if explained.page else None
    slots = {key: _discreet(place) for key, place in explained.slots.items()}
    return replace(decision, explain=Explanation(page, slots))


def _discreet(place: PlaceExplained) -> PlaceExplained:
    return replace(place, collections=[_without_times(one) for one in place.collections])


def _without_times(collection: CollectionExplained) -> CollectionExplained:
    return replace(collection, left_out=[_without_time(one) for one in collection.left_out])


def _without_time(one: LeftOut) -> LeftOut:
    return replace(one, message=_DISCREET[one.why], until=None) if one.why in _DISCREET else one


def _page(page: PageDecision, forced: Set[str]) -> PageDecision:
    reason = "PREVIEW" if page.reason == "TARGETING_MATCH" and page.segment in forced else page.reason
    return replace(page, reason=reason, blocks=tuple(_block(one, forced) for one in page.blocks))


def _block(block: PageBlock, forced: Set[str]) -> PageBlock:
    if block.reason == "TARGETING_MATCH" and block.variation in forced:
        return replace(block, reason="PREVIEW")
    return block


def _slot(slot: SlotDecision, forced: Set[str]) -> SlotDecision:
    if slot.reason == "TARGETING_MATCH" and (slot.segment in forced or slot.variation in forced):
        return replace(slot, reason="PREVIEW")
    return slot
