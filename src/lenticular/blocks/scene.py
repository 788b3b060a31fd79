"""Where blocks are shown: the page or slot, its languages, and what stands there if a block can't be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from lenticular.blocks.locale import direction
from lenticular.decide.decision import Item


class Shown(msgspec.Struct, frozen=True):
    """A block with its items, from a page or a slot."""

    id: str
    kind: str
    settings: dict[str, object]
    items: tuple[Item, ...] = ()
    collection: str | None = None
    parent: str | None = None


class Scene(msgspec.Struct, frozen=True):
    """A page (`at` is its path) or a slot (its key), the languages to try, its default blocks by their ids, and the
    HTML of the slots that it may show.

    `language` is the one that was asked for, empty if none was: then the page around it has said it already.
    """

    where: Literal["page", "slot"]
    at: str
    languages: tuple[str, ...]
    language: str = ""
    defaults: Mapping[str, Shown] = msgspec.field(default_factory=dict)
    slots: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def direction(self) -> str:
        """Which way its language is written."""
        return direction(self.languages[0]) if self.languages else "ltr"

    @property
    def prefix(self) -> str:
        """What ids of its elements begin with: a page and its slots may have blocks of the same id."""
        return "lt" if self.where == "page" else "lts"
