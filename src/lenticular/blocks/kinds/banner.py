"""A bar with one sentence."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Action, Settings, Text
from lenticular.blocks.kind import Kind


class BannerSettings(Settings, frozen=True):
    """One sentence, maybe a link."""

    text: Annotated[Text, Meta(title="Text")] = ""
    label: Annotated[Text, Meta(title="Name", description="What a screen reader calls it.")] = ""
    action: Annotated[Action | None, Meta(title="Link")] = None
    tone: Annotated[Literal["plain", "accent", "warning"], Meta(title="Tone")] = "plain"


class Banner(Kind):
    """A bar across the page with one sentence and a link."""

    name = "banner"
    label = "Banner bar"
    group = "action"
    settings = BannerSettings
