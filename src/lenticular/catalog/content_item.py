"""A typed, tagged piece of content."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.catalog.cap import FrequencyCap
from lenticular.catalog.definition import Definition


class ContentItem(Definition, frozen=True):
    """An offer, an ad, an article: shown from `start` until just before `end`, as often as `cap` allows.

    In lists by query a higher `priority` goes first; `date` (without one: `start`) says how new it is.
    """

    key: str
    type: str
    name: str = ""
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    tags: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    cap: FrequencyCap | None = None
    priority: int = 0
    date: str | None = None
    description: str = ""
