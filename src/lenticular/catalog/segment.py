"""A named audience."""

from __future__ import annotations

from lenticular.catalog.definition import Definition


class Segment(Definition, frozen=True):
    """Who belongs: `rule` is the text form of a criteria tree."""

    key: str
    rule: str
    name: str = ""
    description: str = ""
