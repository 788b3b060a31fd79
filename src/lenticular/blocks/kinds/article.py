"""One item of a collection in full: an article, an event, a product."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import Action, Settings
from lenticular.blocks.kind import Kind

Level = Annotated[int, Meta(ge=0, le=6)]


class ArticleSettings(Settings, frozen=True):
    """What stands around the item."""

    back: Annotated[Action | None, Meta(title="Link above", description="Such as All news.")] = None
    picture: Annotated[Literal["wide", "none"], Meta(title="Picture")] = "wide"
    level: Annotated[
        Level, Meta(title="Level of the title", description="0: the first title of the page is its own.")
    ] = 0


class Article(Kind):
    """The first item of a collection in full: title, date, picture, text. Nothing without one."""

    name = "article"
    label = "Article"
    group = "content"
    items = "one"
    most = 1
    opens = True
    settings = ArticleSettings
