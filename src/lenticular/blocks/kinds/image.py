"""One picture."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Address, Picture, Settings, Text
from lenticular.blocks.kind import Kind


class ImageSettings(Settings, frozen=True):
    """A picture, its caption and its shape."""

    picture: Annotated[Picture | None, Meta(title="Picture")] = None
    caption: Annotated[Text, Meta(title="Caption")] = ""
    url: Annotated[Address, Meta(title="Leads to")] = ""
    ratio: Annotated[
        Literal["natural", "16-9", "4-3", "3-2", "1-1", "21-9"],
        Meta(title="Shape", description="Width to height; what is too much is cut off around the focus."),
    ] = "natural"


class Image(Kind):
    """A picture with a caption."""

    name = "image"
    label = "Image"
    group = "media"
    settings = ImageSettings
