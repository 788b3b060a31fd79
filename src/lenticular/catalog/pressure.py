"""How often one visitor may see any of a group of items."""

from __future__ import annotations

from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.definition import Definition


class Pressure(Definition, frozen=True):
    """A cap on all items together that are of one of the `types` and have one of the `tags`; no types mean any."""

    key: str
    cap: FrequencyCap
    name: str = ""
    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
