"""What a type of content consists of."""

from __future__ import annotations

from typing import Literal

from lenticular.catalog.definition import Definition

FieldKind = Literal["text", "richText", "number", "boolean", "date", "image", "link", "list", "reference"]
MemberKind = Literal["text", "richText", "number", "boolean", "date", "image", "link", "reference"]


class ContentField(Definition, frozen=True):
    """One field of a content type.

    `of` is what a `list` has members of. `to` is the type that a `reference` (or a list of them) leads to; without it,
    any. A `localized` field has a map from language tags to values. `required`: an item without it can't be published.
    """

    key: str
    type: FieldKind
    name: str = ""
    required: bool = False
    localized: bool = False
    of: MemberKind | None = None
    to: str | None = None


class ContentType(Definition, frozen=True):
    """A type that content items have, and the fields of such an item in their order."""

    key: str
    name: str = ""
    description: str = ""
    fields: tuple[ContentField, ...] = ()
    tags: tuple[str, ...] = ()
