"""`/sitemap.xml` and `/robots.txt` of a hosted site."""

from __future__ import annotations

from markupsafe import escape

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.paths import is_pattern
from lenticular.web.pages.address import NOT_FOUND, Spot, alternates, canonical

_MOST = 50_000
"""So many addresses a sitemap may have (sitemaps.org, protocol)."""


def site_map(catalog: Catalog, origin: str) -> bytes:
    """Return the addresses of all pages in all languages; which paths a pattern stands for, only the site knows."""
    locales = catalog.site.locales
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">',
    ]
    paths = [
        page.path
        for page in catalog.pages.values()
        if not (page.noindex or is_pattern(page.path) or page.path == NOT_FOUND)
    ]
    for path in sorted(paths)[: _MOST // len(locales or ("en",))]:
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{language}" href="{escape(origin + where)}"/>'
            for language, where in alternates(path, locales)
        )
        for language in locales or ("en",):
            where = escape(origin + canonical(Spot(path, language), locales))
            lines.append(f"<url><loc>{where}</loc>{others}</url>")
    return ("\n".join([*lines, "</urlset>"]) + "\n").encode()


def robots(origin: str) -> bytes:
    """Return what crawlers may read: everything but the API."""
    lines = ["User-agent: *", "Disallow: /api/", "Disallow: /v1/", "Disallow: /lenticular/form", ""]
    return "\n".join([*lines, f"Sitemap: {origin}/sitemap.xml", ""]).encode()
