"""Links of a page in one of several languages: they lead to pages in the same language."""

from __future__ import annotations

import re

from lenticular.catalog.hosting import is_reserved
from lenticular.decide.snapshot import Snapshot

_LINK = re.compile(r' (href|action)="(/(?!/)[^"?#]*)')


def same_language(html: str, prefix: str, snapshot: Snapshot, locales: tuple[str, ...]) -> str:
    """Return HTML whose links to pages of the site begin with `prefix` (`/es`); an empty one changes nothing.

    What is no page, and what names a language already, stays as it is.
    """
    if not prefix:
        return html

    def prefixed(found: re.Match[str]) -> str:
        name, path = found[1], found[2]
        if path[1:].partition("/")[0] in locales or is_reserved(path) or snapshot.page(path) is None:
            return found[0]
        return f' {name}="{prefix}{path if path != "/" else ""}'

    return _LINK.sub(prefixed, html)
