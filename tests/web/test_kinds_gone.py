"""A revision whose kind of block is gone can be looked at and restored: it is said, and the visitor gets the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from lenticular.app.publish import publish
from tests.web.editing import Desk
from tests.web.shop import open_shop

TEXT: dict[str, Any] = {"kind": "heading", "position": "b", "settings": {"text": {"en": "Still here"}}}
OLD: dict[str, Any] = {"kind": "weather-map", "position": "a", "settings": {"city": "Faro"}}


async def test_it_is_restored_with_what_is_wrong_said(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        desk = Desk(shop)
        # The kind was there once: a site that shows its blocks itself took any.
        await desk.save("pages/old", {"path": "/old", "blocks": {"map": OLD, "text": TEXT}})
        await desk.published("pages/old")
        await desk.save("pages/old", {"path": "/old", "blocks": {"text": TEXT}})
        await desk.published("pages/old")
        catalog = shop.site.engine.catalog
        site = msgspec.structs.replace(catalog.site, block_kinds="checked")
        await publish(shop.site, msgspec.structs.replace(catalog, site=site))

        where = "definitions/pages/old/revisions/1"
        assert (await desk.get(where))["body"]["blocks"]["map"] == OLD
        restored = await desk.ask("POST", f"{where}/restore", {})
        assert restored.status_code in (200, 201), restored.text
        draft = await desk.get("drafts/pages/old")
        [wrong] = [one for one in draft["problems"] if one["code"] == "catalog.unknown-kind"]
        assert wrong["place"] == "pages/old/blocks/map/kind" and "weather-map" in wrong["message"]
        await desk.published("pages/old")

        shown = (await shop.decide("visitor", page="/old", render=True))["page"]["html"]
        assert "Still here" in shown and "weather" not in shown and "Faro" not in shown
