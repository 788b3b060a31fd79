"""What a page opens with."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Action, Level, LongText, Picture, Settings, Text
from lenticular.blocks.kind import Kind


class HeroSettings(Settings, frozen=True):
    """Title, text, picture and up to two buttons."""

    title: Annotated[Text, Meta(title="Title")] = ""
    text: Annotated[LongText, Meta(title="Text")] = ""
    picture: Annotated[Picture | None, Meta(title="Picture")] = None
    action: Annotated[Action | None, Meta(title="Button")] = None
    second: Annotated[Action | None, Meta(title="Second button")] = None
    layout: Annotated[
        Literal["beside", "behind", "below"],
        Meta(title="Picture", description="Where the picture is: beside the text, behind it, or below it."),
    ] = "beside"
    background: Annotated[Literal["none", "soft", "accent", "strong"], Meta(title="Background")] = "soft"
    level: Annotated[Level, Meta(title="Level of the title")] = 0


class Hero(Kind):
    """What a page opens with: a large title, a picture, buttons."""

    name = "hero"
    label = "Hero"
    group = "content"
    opens = True
    settings = HeroSettings
