"""An ordered list of content items, with other lists for segments."""

from __future__ import annotations

from typing import Literal

from lenticular.catalog.definition import Definition


class Variation(Definition, frozen=True):
    """The list that a segment gets."""

    segment: str
    items: tuple[str, ...] = ()


class Collection(Definition, frozen=True):
    """`items` is the default list; variations are tried in their order.

    `first`: the first variation that matches and yields an item is used; an empty one falls through, at
    last to the default list. `merge`: the items of all matching variations in order, then the default
    list's, none twice.
    """

    key: str
    name: str = ""
    items: tuple[str, ...] = ()
    combine: Literal["first", "merge"] = "first"
    limit: int | None = None
    variations: tuple[Variation, ...] = ()
    description: str = ""
    tags: tuple[str, ...] = ()
