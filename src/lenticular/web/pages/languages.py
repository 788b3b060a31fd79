"""Links of a page in one of several languages: they lead to pages in the same language."""

from __future__ import annotations

import re

from lenticular.catalog.hosting import is_reserved
from lenticular.decide.snapshot import Snapshot

_LINK = re.compile(r' (href|action)="(/(?!/)[^"?#]*)')


_MOST_KEPT = 500
_kept: dict[tuple[int, str, str], tuple[Snapshot, str]] = {}
"""By snapshot, prefix and HTML: few pages are asked for often, and what is rendered is the same string each time."""


def same_language(html: str, prefix: str, snapshot: Snapshot, locales: tuple[str, ...]) -> str:
    """Return HTML whose links to pages of the site begin with `prefix` (`/es`); an empty one changes nothing.

    What is no page, and what names a language already, stays as it is.
    """
    if not prefix:
        return html
    key = id(snapshot), prefix, html
    known = _kept.get(key)
    if known is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        # What an id stands for must stay alive as long as the id is used for it.
        known = _kept[key] = snapshot, _prefixed(html, prefix, snapshot, locales)
    return known[1]


def _prefixed(html: str, prefix: str, snapshot: Snapshot, locales: tuple[str, ...]) -> str:
    def prefixed(found: re.Match[str]) -> str:
        name, path = found[1], found[2]
        if path[1:].partition("/")[0] in locales or is_reserved(path) or snapshot.page(path) is None:
            return found[0]
        return f' {name}="{prefix}{path if path != "/" else ""}'

    return _LINK.sub(prefixed, html)
