"""A title between blocks."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Level, Settings, Text
from lenticular.blocks.kind import Kind


class HeadingSettings(Settings, frozen=True):
    """A title and its level."""

    text: Annotated[Text, Meta(title="Text")] = ""
    level: Annotated[Level, Meta(title="Level")] = 0
    align: Annotated[Literal["start", "center"], Meta(title="Alignment")] = "start"


class Heading(Kind):
    """A title between blocks."""

    name = "heading"
    label = "Heading"
    group = "text"
    opens = True
    settings = HeadingSettings
