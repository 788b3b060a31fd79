from __future__ import annotations

import msgspec
import pytest

from lenticular.catalog.catalog import Catalog
from lenticular.catalog.content_item import ContentItem
from lenticular.catalog.segment import Segment
from lenticular.errors import CatalogError
from tests.decide.world import SITE, catalog_of

A, B = Segment("a", rule="True"), Segment("b", rule="True")


def test_the_revision_stands_for_the_content_in_any_order() -> None:
    assert Catalog.of(SITE, A, B).revision == Catalog.of(SITE, B, A).revision
    assert Catalog.of(SITE, A).revision != Catalog.of(SITE, B).revision
    assert Catalog.of(SITE, A).revision != Catalog.of(SITE, Segment("a", rule="False")).revision


def test_a_key_twice_is_refused_but_not_across_kinds() -> None:
    with pytest.raises(CatalogError, match='"a" is used twice in segments'):
        Catalog.of(SITE, A, Segment("a", rule="False"))
    assert Catalog.of(SITE, A, ContentItem("a", type="offer")).content["a"].type == "offer"


def test_a_catalog_survives_its_json() -> None:
    catalog = catalog_of(
        properties={"user.age": {"scope": "user", "name": "age", "type": "number"}},
        pages={"home": {"path": "/", "blocks": {"hero": {"kind": "hero", "position": "a"}}}},
        slots={"promo": {"block": {"kind": "ad", "collection": "ads"}}},
        content={"ad": {"type": "ad", "cap": {"limit": 1, "per": "day"}}},
        collections={"ads": {"items": ["ad"], "variations": [{"segment": "s", "items": []}]}},
        segments={"s": {"rule": "user.age > 3"}},
    )
    assert msgspec.json.decode(msgspec.json.encode(catalog), type=Catalog) == catalog
    assert b'"writeKey":"w"' in msgspec.json.encode(catalog)
