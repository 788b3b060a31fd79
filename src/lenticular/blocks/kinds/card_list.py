"""Cards from a collection."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Action, Settings, Text
from lenticular.blocks.kind import Kind

Where = Literal["above", "beside"]
Across = Annotated[int, Meta(ge=1, le=6)]


class CardListSettings(Settings, frozen=True):
    """The list's title, how many cards stand side by side, and where their pictures are."""

    title: Annotated[Text, Meta(title="Title")] = ""
    columns: Annotated[Across, Meta(title="Cards side by side", description="On a wide screen; fewer on others.")] = 3
    layout: Annotated[Where, Meta(title="Picture", description="Beside the text it is small.")] = "above"
    action: Annotated[Action | None, Meta(title="Link to more")] = None


class CardList(Kind):
    """The items of a collection as cards."""

    name = "card-list"
    label = "Card list"
    group = "content"
    items = "many"
    settings = CardListSettings
