"""Where in a decision an item stands: what an impression says of its place."""

from __future__ import annotations

from lenticular.decide.decision import Decision


def shown_at(item: str, decision: Decision) -> dict[str, str]:
    """Return `block` or `slot`, `experience`, `collection` and `variation` of an item, as far as these have names."""
    page = decision.page
    found: dict[str, str | None] = {}
    for block in page.blocks if page else ():
        if page and any(one.key == item for one in block.items):
            found = {"block": block.id, "experience": page.experience}
            found |= {"collection": block.collection, "variation": block.variation}
    for key, slot in decision.slots.items():
        if any(one.key == item for one in slot.items):
            found = {"slot": key, "experience": slot.experience}
            found |= {"collection": slot.collection, "variation": slot.variation}
    return {name: value for name, value in found.items() if value is not None}
