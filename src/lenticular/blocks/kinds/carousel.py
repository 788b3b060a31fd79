"""Cards from a collection in one row."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Settings, Text
from lenticular.blocks.kind import Kind


class CarouselSettings(Settings, frozen=True):
    """The row's title, and how wide its cards are."""

    title: Annotated[Text, Meta(title="Title")] = ""
    size: Annotated[Literal["small", "normal", "wide"], Meta(title="Cards")] = "normal"


class Carousel(Kind):
    """The items of a collection in a row that is moved sideways, by hand; it never moves by itself."""

    name = "carousel"
    label = "Carousel"
    group = "content"
    items = "many"
    settings = CarouselSettings
