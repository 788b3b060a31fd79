"""A widget on a page, or the one in a slot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from lenticular.catalog.definition import Definition

SLOT = "slot"
"""The kind of the block that shows a slot on a page; its setting of the same name says which."""


class Block(Definition, frozen=True):
    """A widget: a kind, its settings, maybe a collection that fills it with items.

    Siblings are ordered by `position`, a text compared byte by byte (a fractional index: between `a` and
    `b` lies `am`, so that a move touches one block); equal positions are ordered by the block's id.
    `parent` is the id of the block that contains it, None at the top. A hidden block is not shown, nor is
    what it contains.
    """

    kind: str
    position: str = ""
    settings: dict[str, Any] = msgspec.field(default_factory=dict)
    parent: str | None = None
    hidden: bool = False
    collection: str | None = None

    @property
    def slot(self) -> str | None:
        """The key of the slot that it shows, None if it shows none."""
        return slot_in(self.kind, self.settings)


def slot_in(kind: str, settings: Mapping[str, Any]) -> str | None:
    """Return the key of the slot that a block of a kind shows, None if it shows none."""
    key = settings.get(SLOT) if kind == SLOT else None
    return key if isinstance(key, str) else None


def position_order(entry: tuple[str, Block]) -> tuple[bytes, bytes]:
    """Return what orders two siblings: their positions bytewise, then their ids."""
    return entry[1].position.encode(), entry[0].encode()
