"""A slot of the site."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from lenticular.blocks.fields import Settings, SlotKey
from lenticular.blocks.kind import Kind


class SlotSettings(Settings, frozen=True):
    """Which one."""

    slot: Annotated[SlotKey, Meta(title="Slot", description="Its block and its experiences are those of the slot.")]


class Slot(Kind):
    """A slot, with experiences of its own, which other pages may show too."""

    name = "slot"
    label = "Slot"
    group = "content"
    settings = SlotSettings
