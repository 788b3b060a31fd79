"""Empty space."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Settings
from lenticular.blocks.kind import Kind


class SpacerSettings(Settings, frozen=True):
    """How much space, and whether a line runs through it."""

    size: Annotated[Literal["small", "normal", "large"], Meta(title="Height")] = "normal"
    line: Annotated[bool, Meta(title="With a line")] = False


class Spacer(Kind):
    """Space between two blocks, with a line or without."""

    name = "spacer"
    label = "Spacer"
    group = "layout"
    settings = SpacerSettings
