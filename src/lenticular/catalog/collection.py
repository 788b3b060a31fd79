"""An ordered list of content items, with other lists for segments."""

from __future__ import annotations

from typing import Literal

from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.definition import Definition
from lenticular.catalog.query import Query


class Variation(Definition, frozen=True):
    """The list that a segment gets: `items`, then what the `query` finds."""

    segment: str
    items: tuple[str, ...] = ()
    query: Query | None = None


class Collection(Definition, frozen=True):
    """`items`, then what the `query` finds, are the default list; variations are tried in their order.

    `first`: the first variation that matches and yields an item is used; an empty one falls through, at
    last to the default list. `merge`: the items of all matching variations in order, then the default
    list's, none twice. `hide_seen` leaves out what the visitor has seen: `ever`, in this `session`, `day`, `week`,
    `month`, or so long ago at most (`7d`). `cap` is on all items of the collection together. With a `parameter` only
    the item is shown whose key stands in the page's path at `:parameter`; without it the page is not there.
    """

    key: str
    name: str = ""
    items: tuple[str, ...] = ()
    query: Query | None = None
    combine: Literal["first", "merge"] = "first"
    limit: int | None = None
    variations: tuple[Variation, ...] = ()
    hide_seen: str | None = None
    cap: FrequencyCap | None = None
    parameter: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
