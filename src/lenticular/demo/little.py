"""The bank's home page as one of the five sees it, as a document that stands in a frame of the demo page."""

from __future__ import annotations

import re

from lenticular.catalog.site import Site
from lenticular.web.pages.frame import Here, frame
from lenticular.web.theme import theme_for

_LINK = re.compile(r' href="(/(?!/|lenticular/)[^"]*)"')
_ASKED = "-"
"""Stands for an answer about consent: nobody is asked for one here."""


def little_page(site: Site, person: str, html: str) -> str:
    """Return the document of a page's HTML for a person, by key. Its links lead into the bank as that person."""
    shown = frame(site, Here("/", site.locales[0], said=_ASKED)).top + f"<main>{html}</main>"
    linked = _LINK.sub(rf' href="/demo/sign-in/{person}?to=\1"', shown)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><base target="_blank">'
        f'<link rel="stylesheet" href="{theme_for(site).replace("&", "&amp;")}"></head>'
        f'<body class="lt-page">{linked}</body></html>'
    )
