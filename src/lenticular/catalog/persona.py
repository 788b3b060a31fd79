"""A saved imaginary visitor."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lenticular.catalog.definition import Definition


class Persona(Definition, frozen=True):
    """Whom to preview a site as.

    `traits` and `context` (of the visit: `utm_campaign`, `landing_path`) are what rules read of this visitor. `device`,
    `country` (two letters), `city`, `language` (a tag) and `time` (when the visit is; None: now) are parts of it with a
    control of their own. What an address in the context (`url`, `referrer`) says of a visit follows from it.
    `segments` are those that the visitor is in at any rate, whatever the rules say.
    """

    key: str
    name: str = ""
    description: str = ""
    traits: dict[str, Any] = msgspec.field(default_factory=dict)
    context: dict[str, Any] = msgspec.field(default_factory=dict)
    device: Literal["desktop", "mobile", "tablet"] | None = None
    country: str | None = None
    city: str | None = None
    language: str | None = None
    time: str | None = None
    segments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
