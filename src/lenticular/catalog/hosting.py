"""Pages that Lenticular serves itself: on which hosts, and which paths are not a site's to have."""

from __future__ import annotations

import re
from typing import Literal

from lenticular.catalog.definition import Definition

RESERVED = frozenset({"api", "v1", "console", "demo", "health", "metrics", "join", ".well-known"})
"""What no page's path begins with: there the server answers itself. Neither does any with `lenticular`."""
ANY_HOST = "*"
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]")


class Hosting(Definition, frozen=True):
    """On which `hosts` the site's pages are served: names without port, or `*` for every other one. None: on none.

    The first is the one that search engines are told. `consent`: `ask`, nothing is kept of a visitor before they agree;
    `assumed`, until they or their browser say no.
    """

    hosts: tuple[str, ...] = ()
    consent: Literal["ask", "assumed"] = "ask"


def is_host(name: str) -> bool:
    """Return whether a text can be in `hosts`: a host in small letters without a port, or `*`."""
    return name == ANY_HOST or (len(name) <= 253 and _HOST.fullmatch(name) is not None)


def is_reserved(path: str) -> bool:
    """Return whether the server itself answers at a path, whatever pages there are."""
    first = path[1:].partition("/")[0].lower()
    return first in RESERVED or first.startswith("lenticular")
