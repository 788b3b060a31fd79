"""HTML that somebody pasted."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from lenticular.blocks.fields import Embedded, Settings
from lenticular.blocks.kind import Kind


class HtmlSettings(Settings, frozen=True):
    """HTML, cleaned."""

    html: Annotated[
        Embedded,
        Meta(title="HTML", description="Scripts, styles, frames and forms are taken out; classes, audio, video stay."),
    ] = ""


class Html(Kind):
    """HTML of your own, cleaned of everything that runs."""

    name = "html"
    label = "HTML"
    group = "media"
    settings = HtmlSettings
