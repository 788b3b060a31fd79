"""A library that still has the old key of a site, while a new one takes its place."""

from __future__ import annotations

from tests.clients.client import pings
from tests.clients.home import Home
from tests.clients.libraries import SEGMENT_2_4


async def test_an_old_key_is_good_for_its_grace_and_not_a_moment_longer(home: Home) -> None:
    kept = home.site("rotated")
    old = kept.write_key
    keys = f"/api/sites/{kept.key}/keys"
    async with SEGMENT_2_4.start(home.url, old) as told:
        given = home.server.http.post(keys, json={"use": "public", "grace": "1h"}).json()
        assert await told.tell(pings(0, 2)) == []
        assert len(await kept.arrived(2)) == 2
        home.server.api("DELETE", f"{keys}/{given['others'][0]['id']}")
        errors = await told.tell(pings(2, 4))
    assert errors and len(kept.events()) == 2, errors
    async with SEGMENT_2_4.start(home.url, given["key"]["key"]) as told:
        assert await told.tell(pings(4, 5)) == []
    assert len(await kept.arrived(3)) == 3
