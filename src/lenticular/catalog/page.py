"""A path of a site with its blocks and experiences."""

from __future__ import annotations

import msgspec

from lenticular.catalog.block import Block
from lenticular.catalog.definition import Definition
from lenticular.catalog.experience import Experience


class Page(Definition, frozen=True):
    """A page: the default is `blocks`, a flat map by id; of `experiences` the first that matches wins.

    `title`, `summary` and `image` are what a hosted page says of itself to browsers, search engines and whoever shares
    it: a text, or a map of languages. `noindex` keeps it out of search engines and the sitemap.
    """

    key: str
    path: str
    name: str = ""
    blocks: dict[str, Block] = msgspec.field(default_factory=dict)
    experiences: tuple[Experience, ...] = ()
    description: str = ""
    tags: tuple[str, ...] = ()
    title: str | dict[str, str] = ""
    summary: str | dict[str, str] = ""
    image: str = ""
    noindex: bool = False


def plain_path(path: str) -> str:
    """Return a path as pages are found by it: without query, fragment and closing slash."""
    return path.partition("#")[0].partition("?")[0].rstrip("/") or "/"
