"""Holdout over HTTP: some visitors always see the default, on every visit, and after signing in as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from lenticular.app.publish import publish
from lenticular.catalog.site import Holdout
from tests.web.shop import Shop, open_shop

COLLEGE = {"url": "https://shop.example/college"}


async def reason(shop: Shop, anonymous_id: str = "", user_id: str = "", **asked: Any) -> tuple[str, Any]:
    answer = await shop.decide(anonymous_id, userId=user_id, page="/", context=COLLEGE, **asked)
    return answer["page"]["reason"], answer["page"].get("heldOut")


async def test_who_is_held_out_stays_so(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        catalog = shop.site.engine.catalog
        site = msgspec.structs.replace(catalog.site, holdout=Holdout(0.5))
        await publish(shop.site, msgspec.structs.replace(catalog, site=site))

        visitors = [f"v{at}" for at in range(24)]
        first = {visitor: await reason(shop, visitor) for visitor in visitors}
        held = [visitor for visitor, found in first.items() if found[0] == "HOLDOUT"]
        assert 4 <= len(held) <= 20
        assert all(first[visitor][1] == {"experience": "students", "segment": "students"} for visitor in held)
        assert {found for visitor, found in first.items() if visitor not in held} == {("TARGETING_MATCH", None)}

        # Everyone signs in on the laptop that they have, and then on a phone that was somebody's already.
        for visitor in visitors:
            body = {"anonymousId": visitor, "userId": f"user {visitor}", "writeKey": site.write_key}
            assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200
            shop.now += 1_000
        for visitor in visitors:
            phone = f"phone of {visitor}"
            await reason(shop, phone)
            body = {"anonymousId": phone, "userId": f"user {visitor}", "writeKey": site.write_key}
            assert (await shop.visitor.post("/v1/identify", json=body)).status_code == 200
            assert await reason(shop, phone) == first[visitor]
            assert await reason(shop, phone, f"user {visitor}") == first[visitor]

        # Of nobody in particular no lots are drawn.
        assert {(await reason(shop))[0] for _ in range(20)} == {"TARGETING_MATCH"}
