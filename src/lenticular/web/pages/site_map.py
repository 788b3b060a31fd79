"""`/sitemap.xml` and `/robots.txt` of a hosted site."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import escape

from lenticular.app.engine import Engine
from lenticular.catalog.page import plain_path
from lenticular.catalog.paths import PARAMETER, is_pattern
from lenticular.decide.snapshot import Snapshot
from lenticular.web.pages.address import NOT_FOUND, Spot, alternates, canonical

_MOST = 50_000
"""So many addresses a sitemap may have (sitemaps.org, protocol)."""


def site_map(engine: Engine, origin: str, now: int) -> bytes:
    """Return the addresses of all pages in all languages, as of `now` (ms).

    A page whose path names an item has one for each; which paths another pattern stands for, only the site knows.
    """
    locales = engine.catalog.site.locales
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    paths = {
        path
        for page in engine.catalog.pages.values()
        if not (page.noindex or page.path == NOT_FOUND)
        for path in (_named(page.path, engine.snapshot, now) if is_pattern(page.path) else (page.path,))
    }
    for path in sorted(paths)[: _MOST // len(locales or ("en",))]:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(origin + where)}"/>'
            for language, where in alternates(path, locales)
        )
        for language in locales or ("en",):
            where = escape(origin + canonical(Spot(path, language), locales))
            lines.append(f"<url><loc>{where}</loc>{others}</url>")
    return ("\n".join([*lines, "</urlset>"]) + "\n").encode()


def _named(pattern: str, snapshot: Snapshot, now: int) -> Iterator[str]:
    """Yield the paths of a page that shows the one item which its path names, and asks for nothing else."""
    place = snapshot.pages[plain_path(pattern)]
    asked = [part for part in pattern.split("/") if part == "*" or PARAMETER.fullmatch(part)]
    collection = snapshot.collections[next(iter(place.named))] if len(place.named) == 1 else None
    if collection is None or asked != [f":{collection.parameter}"]:
        return
    for one in collection.lists:
        for ready in one.everything():
            if (ready.start or now) <= now and (ready.end is None or now < ready.end):
                yield pattern.replace(asked[0], ready.item.key)


def robots(origin: str) -> bytes:
    """Return what crawlers may read: everything but the API."""
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /v1/", "Disallow: /lenticular/form", ""]
    return "\n".join([*lines, f"Sitemap: {origin}/sitemap.xml", ""]).encode()
