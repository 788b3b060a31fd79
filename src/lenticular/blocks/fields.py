"""What settings of blocks consist of: texts in several languages, addresses, pictures, links.

A setting says with `Meta(title=…, description=…)` how the console's form calls it; these types say with `x-control`
which control it gets, and how its value becomes what a template sees (see `view`).
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
"""A language tag such as `en` or `es-MX` (BCP 47)."""

Language = Annotated[str, Meta(pattern=LANGUAGE, max_length=35)]
ByLanguage = dict[Language, str]

Text = Annotated[str | ByLanguage, Meta(extra_json_schema={"x-control": "text"})]
"""One line, the same for everybody or by language: `Hello`, `{en: Hello, es: Hola}`."""
LongText = Annotated[str | ByLanguage, Meta(extra_json_schema={"x-control": "longText"})]
"""Several lines without markup; line breaks stay."""
RichText = Annotated[str | ByLanguage, Meta(extra_json_schema={"x-control": "richText"})]
"""HTML of an editor: cleaned, a template gets it as safe."""
Embedded = Annotated[str | ByLanguage, Meta(extra_json_schema={"x-control": "html"})]
"""HTML that somebody pasted: cleaned, with classes, audio and video."""
Address = Annotated[str, Meta(extra_json_schema={"x-control": "address"})]
"""Where a link leads: a path, `https:`, `mailto:` or `tel:`; anything else becomes nothing."""
PictureAddress = Annotated[str, Meta(extra_json_schema={"x-control": "picture"})]
"""Where a picture lies: a path or `https:`."""
SlotKey = Annotated[str, Meta(min_length=1, max_length=100, extra_json_schema={"x-control": "slot"})]
"""The key of a slot of the site."""
Name = Annotated[str, Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
"""The name of an event's field."""
Position = Annotated[str, Meta(title="Position", extra_json_schema={"x-control": "position"})]
"""What orders repeated things, byte by byte, as it does blocks."""
Pixels = Annotated[int, Meta(ge=1, le=20_000)]
Share = Annotated[float, Meta(ge=0, le=1)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """Base of all settings: unknown names are refused, in files they are written `likeThis`."""


class Focus(Settings, frozen=True):
    """What of a picture must stay visible when it is cropped, from the left (`x`) and the top (`y`), 0 to 1."""

    x: Annotated[Share, Meta(title="From the left")] = 0.5
    y: Annotated[Share, Meta(title="From the top")] = 0.5


class Picture(Settings, frozen=True):
    """A picture. With its width and height the page knows its place before it has come."""

    src: Annotated[PictureAddress, Meta(title="Picture")]
    alt: Annotated[
        Text, Meta(title="Alternative text", description="What it shows, for who can't see it. Empty: decoration.")
    ] = ""
    width: Annotated[Pixels | None, Meta(title="Width")] = None
    height: Annotated[Pixels | None, Meta(title="Height")] = None
    focus: Annotated[Focus | None, Meta(title="Focus")] = None
    srcset: Annotated[
        dict[Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,4}$")], PictureAddress],
        Meta(title="Sizes", description="The same picture by width in pixels: {400: …, 800: …}."),
    ] = msgspec.field(default_factory=dict)


class Action(Settings, frozen=True):
    """A link that is shown as a button."""

    label: Annotated[Text, Meta(title="Label")]
    url: Annotated[Address, Meta(title="Leads to")] = ""


Level = Annotated[
    int,
    Meta(ge=0, le=6, description="1 is the page's title, 2 a part of it, and so on; 0 leaves it to the page."),
]
