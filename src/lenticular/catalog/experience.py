"""A named difference from a page's or a slot's default, for one segment."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.catalog.definition import Definition


class Schedule(Definition, frozen=True):
    """From `start` until just before `end`; None is open. See `moments.parse_moment` for the form."""

    start: str | None = None
    end: str | None = None


class Experience(Definition, frozen=True):
    """What a segment sees instead of the default, None for anyone.

    `overrides` is a JSON Merge Patch (RFC 7396): for a page over its map of blocks by id, for a slot over
    its one block. So it holds only what differs, and edits of the default flow into it. A share of those it is for, the
    `holdout` (0 … 1), see the default instead, beside those whom the site holds out.
    """

    key: str
    name: str = ""
    segment: str | None = None
    schedule: Schedule | None = None
    overrides: dict[str, Any] = msgspec.field(default_factory=dict)
    holdout: float = 0.0
