"""Formatted text."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from lenticular.blocks.fields import RichText, Settings
from lenticular.blocks.kind import Kind


class RichTextSettings(Settings, frozen=True):
    """Formatted text, and how wide its lines are."""

    text: Annotated[RichText, Meta(title="Text", description="Headings, lists, links, tables, pictures.")] = ""
    width: Annotated[Literal["readable", "full"], Meta(title="Width")] = "readable"


class RichTextBlock(Kind):
    """Formatted text with headings, lists, links, tables and pictures."""

    name = "rich-text"
    label = "Text"
    group = "text"
    settings = RichTextSettings
