"""A named audience."""

from __future__ import annotations

from lenticular.catalog.definition import Definition

MOST_LISTED = 10_000
"""So many ids are put on a static list, or taken off it, at once."""


class Segment(Definition, frozen=True):
    """Who belongs: criteria, static members, or both.

    `rule` is the text form of a criteria tree; it may be empty where `static` says that the segment has a list of
    people who belong whatever the rule says.
    """

    key: str
    rule: str = ""
    name: str = ""
    description: str = ""
    static: bool = False
    tags: tuple[str, ...] = ()
