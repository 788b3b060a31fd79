"""One item of a collection, large: an offer, an ad."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Settings, Text
from lenticular.blocks.kind import Kind


class OfferSettings(Settings, frozen=True):
    """How one item is shown."""

    label: Annotated[Text, Meta(title="Label", description="A word above it, such as Advertisement.")] = ""
    button: Annotated[Text, Meta(title="Button", description="If the item says none of its own.")] = ""
    layout: Annotated[Literal["beside", "above", "text"], Meta(title="Picture")] = "beside"
    background: Annotated[Literal["none", "soft", "accent", "strong"], Meta(title="Background")] = "soft"


class Offer(Kind):
    """The first item of a collection: an offer or an ad, capped if the item says so. Nothing if there is none left."""

    name = "offer"
    label = "Offer or ad"
    group = "content"
    items = "one"
    most = 1
    settings = OfferSettings
