"""Cards from a collection."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from lenticular.blocks.fields import Action, Settings, Text
from lenticular.blocks.kind import Kind

Across = Annotated[int, Meta(ge=1, le=6)]


class CardListSettings(Settings, frozen=True):
    """The list's title, and how many cards stand side by side."""

    title: Annotated[Text, Meta(title="Title")] = ""
    columns: Annotated[Across, Meta(title="Cards side by side", description="On a wide screen; fewer on others.")] = 3
    action: Annotated[Action | None, Meta(title="Link to more")] = None


class CardList(Kind):
    """The items of a collection as cards."""

    name = "card-list"
    label = "Card list"
    group = "content"
    items = "many"
    settings = CardListSettings
