"""What counts as success."""

from __future__ import annotations

from lenticular.catalog.definition import Definition


class Goal(Definition, frozen=True):
    """An event, of those that pass a filter; `value` is the field of it that is summed, without one they are counted.

    `where` is a condition in the rule language as it stands in `count("Order Completed", …)`.
    """

    key: str
    event: str
    name: str = ""
    description: str = ""
    where: str = ""
    value: str | None = None
    tags: tuple[str, ...] = ()
