"""A named place that holds exactly one block."""

from __future__ import annotations

from lenticular.catalog.block import Block
from lenticular.catalog.definition import Definition
from lenticular.catalog.experience import Experience


class Slot(Definition, frozen=True):
    """A place on our page or someone else's: the default is `block`; the first matching experience wins."""

    key: str
    block: Block
    name: str = ""
    experiences: tuple[Experience, ...] = ()
    description: str = ""
    tags: tuple[str, ...] = ()
