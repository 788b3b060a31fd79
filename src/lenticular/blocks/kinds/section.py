"""A part of a page, in columns."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Picture, Settings, Text
from lenticular.blocks.kind import Kind

Columns = Annotated[str, Meta(pattern=r"^(1[0-2]|[1-9])(-(1[0-2]|[1-9])){0,11}$", max_length=30)]


class SectionSettings(Settings, frozen=True):
    """What a section looks like, and how wide its columns are."""

    title: Annotated[Text, Meta(title="Title")] = ""
    columns: Annotated[
        Columns,
        Meta(
            title="Columns",
            description="Twelfths of the width joined with hyphens: 6-6, 8-4, 4-4-4. Blocks fill them in order, again "
            "and again; on a phone they stand below each other.",
        ),
    ] = "12"
    background: Annotated[
        Literal["none", "soft", "accent", "strong"], Meta(title="Background", description="What lies behind it.")
    ] = "none"
    picture: Annotated[Picture | None, Meta(title="Picture behind it")] = None
    width: Annotated[Literal["narrow", "normal", "wide", "full"], Meta(title="Width")] = "normal"
    space: Annotated[Literal["none", "small", "normal", "large"], Meta(title="Space above and below")] = "normal"
    align: Annotated[Literal["top", "middle"], Meta(title="Blocks of a row")] = "top"


class Section(Kind):
    """A part of the page with a background, whose blocks stand in columns."""

    name = "section"
    label = "Section"
    group = "layout"
    contains = True
    settings = SectionSettings
