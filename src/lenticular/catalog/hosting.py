"""Pages that Lenticular serves itself: on which hosts, and which paths are not a site's to have."""

from __future__ import annotations

import re
from typing import Literal

from lenticular.catalog.definition import Definition

RESERVED = frozenset({"api", "v1", "console", "demo", "health", "metrics", "join", ".well-known"})
"""What no page's path begins with: there the server answers itself. Neither does any with `lenticular`."""
ANY_HOST = "*"
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]")


Words = str | dict[str, str]
"""A text, or a map of languages."""


class MenuLink(Definition, frozen=True):
    """A link of a site's menu or foot: what it says, where it leads; `button`: it looks like one."""

    label: Words
    url: str
    button: bool = False


class Banner(Definition, frozen=True):
    """What a visitor is asked who has not said yet what may be kept of them; what is left out is said in our words.

    `more` leads to a page that says more. With `show: false` a site asks with a banner of its own.
    """

    show: bool = True
    title: Words = ""
    text: Words = ""
    accept: Words = ""
    refuse: Words = ""
    more: MenuLink | None = None


class Hosting(Definition, frozen=True):
    """On which `hosts` the site's pages are served: names without port, or `*` for every other one. None: on none.

    The first is the one that search engines are told. `consent`: `ask`, nothing is kept of a visitor before they agree;
    `assumed`, until they or their browser say no. `navigation` is the menu above every page, `footer` a text below it
    with `links`, `banner` what asks for consent.
    """

    hosts: tuple[str, ...] = ()
    consent: Literal["ask", "assumed"] = "ask"
    navigation: tuple[MenuLink, ...] = ()
    footer: Words = ""
    links: tuple[MenuLink, ...] = ()
    banner: Banner = Banner()


def is_host(name: str) -> bool:
    """Return whether a text can be in `hosts`: a host in small letters without a port, or `*`."""
    return name == ANY_HOST or (len(name) <= 253 and _HOST.fullmatch(name) is not None)


def is_reserved(path: str) -> bool:
    """Return whether the server itself answers at a path, whatever pages there are."""
    first = path[1:].partition("/")[0].lower()
    return first in RESERVED or first.startswith("lenticular")
