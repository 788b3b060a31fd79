"""One thing to do."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Action, LongText, Settings, Text
from lenticular.blocks.kind import Kind


class CallToActionSettings(Settings, frozen=True):
    """Title, text and up to two buttons."""

    title: Annotated[Text, Meta(title="Title")] = ""
    text: Annotated[LongText, Meta(title="Text")] = ""
    action: Annotated[Action | None, Meta(title="Button")] = None
    second: Annotated[Action | None, Meta(title="Second button")] = None
    background: Annotated[Literal["none", "soft", "accent", "strong"], Meta(title="Background")] = "accent"


class CallToAction(Kind):
    """One thing to do: a title, a sentence, a button."""

    name = "call-to-action"
    label = "Call to action"
    group = "action"
    settings = CallToActionSettings
