"""A list of content by query: what is in it, and in which order."""

from __future__ import annotations

from typing import Literal

from lenticular.catalog.definition import Definition

By = Literal["priority", "newest", "name", "field", "viewed", "clicked", "interests", "random"]
Order = Literal["up", "down"]
DAYS = 30
"""Views and clicks of so many days count, unless a sort says otherwise."""
MOST_DAYS = 366
MOST_FOUND = 100
"""So many items at most does a collection with a query show that has no limit of its own."""


class Sort(Definition, frozen=True):
    """One way to put items in order; what is equal by it is ordered by the next.

    `field` is the one that `by: field` looks at, `order` is `down` from the largest, `days` those whose views or clicks
    are counted.
    """

    by: By
    field: str | None = None
    order: Order | None = None
    days: int | None = None

    @property
    def down(self) -> bool:
        """Whether the largest goes first: so it is unless said, but for names and fields."""
        return self.order == "down" if self.order else self.by not in ("name", "field")

    @property
    def counted(self) -> tuple[str, int] | None:
        """What is counted in the log for it: `viewed` or `clicked`, in so many days; None if nothing is."""
        return (self.by, self.days or DAYS) if self.by in ("viewed", "clicked") else None


class Query(Definition, frozen=True):
    """Which content items: those of one of the `types` (of any without one) whose tags and fields fit.

    They have `all` of these tags, one of `any` at least, none of `none`; `where` is a condition on their fields in the
    rule language, as it stands in `count("…", …)`. Without `sort` the highest priority goes first.
    """

    types: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    where: str = ""
    sort: tuple[Sort, ...] = ()
