"""A widget on a page, or the one in a slot."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.catalog.definition import Definition


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


def position_order(entry: tuple[str, Block]) -> tuple[bytes, bytes]:
    """Return what orders two siblings: their positions bytewise, then their ids."""
    return entry[1].position.encode(), entry[0].encode()
