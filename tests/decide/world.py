"""Small catalogs for tests, from plain data."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.catalog.catalog import KINDS, Catalog, gather
from lenticular.catalog.shape import misfits
from lenticular.catalog.site import Holdout, Site

SITE = Site(
    key="shop",
    timezone="America/New_York",
    write_key="w",
    secret_key="hidden",
    block_kinds="free",
    holdout=Holdout(0.0),
)
"""Nobody is held out: what is decided is the same for everyone. Kinds of blocks are whatever a test calls them."""


def catalog_of(**parts: dict[str, dict[str, Any]]) -> Catalog:
    """Return a catalog from definitions by kind and key: `catalog_of(pages={"home": {"path": "/"}})`."""
    definitions = []
    for kind, members in parts.items():
        for key, members_of in members.items():
            data = {"key": key, **members_of} if kind != "properties" else members_of
            assert not misfits(data, KINDS[kind]), misfits(data, KINDS[kind])
            definitions.append((msgspec.convert(data, KINDS[kind]), ""))
    catalog, problems = gather(SITE, definitions)
    assert not problems
    return catalog
