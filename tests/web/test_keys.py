"""The keys of a site: new ones, old ones for a while, and none that comes back."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from lenticular.accounts.site_key import GRACE
from lenticular.app.open import installation
from lenticular.app.publish import publish
from lenticular.catalog.site import Site
from lenticular.errors import ConflictError
from tests.decide.world import SITE
from tests.web.shop import HOUR, NOON, Shop, open_shop, shop_catalog
from tests.web.visitors import Browser, answered, problem, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEYS = "/api/sites/shop/keys"
DAY = 24 * HOUR


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def alone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("keys")) as shop:
        yield shop
        await Browser.close_all()


@pytest_asyncio.fixture(loop_scope="session")
async def own(alone: Shop) -> Shop:
    """A shop whose clock is at noon and that has one public and one secret key, as new."""
    alone.now += 400 * DAY
    for use in ("public", "secret"):
        answered(await alone.admin.post(KEYS, json={"use": use, "grace": "now"}), 201)
    return alone


async def made(shop: Shop, use: str, **more: str) -> Any:
    return answered(await shop.admin.post(KEYS, json={"use": use, **more}), 201)


async def sends(shop: Shop, key: str) -> int:
    """What becomes of an event that is sent with a key."""
    body = {"event": "Seen", "anonymousId": "a", "writeKey": key}
    return (await shop.visitor.post("/v1/track", json=body)).status_code


async def speaks_for_others(shop: Shop, key: str) -> bool:
    """Whether a decision with a key is one for a server: that alone is told why, for it shows traits."""
    headers = {"authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    body = {"site": "shop", "page": "/", "anonymousId": "a", "explain": True}
    answer = await shop.visitor.post("/v1/decide", json=body, headers=headers)
    return "why" in answer.json()


async def states(shop: Shop, use: str) -> dict[str, str]:
    return {one["id"]: one["state"] for one in answered(await shop.admin.get(KEYS), 200) if one["use"] == use}


async def test_a_public_key_that_was_replaced_is_good_for_thirty_days(own: Shop) -> None:
    old = own.site.engine.catalog.site.write_key
    new = await made(own, "public")
    key = new["key"]["key"]
    assert key.startswith("lp_") and new["secret"] == "" and new["key"]["state"] == "current"
    assert [one["key"] for one in new["others"]] == [old] and new["others"][0]["ends"] == own.now + 30 * DAY
    assert own.site.engine.catalog.site.write_key == key, "pages are to have the new one"
    assert [await sends(own, one) for one in (old, key)] == [200, 200]
    own.now += 30 * DAY - 1
    assert await sends(own, old) == 200
    own.now += 1
    assert [await sends(own, one) for one in (old, key)] == [401, 200]


async def test_a_secret_key_is_shown_once_and_the_one_before_is_good_for_a_day(own: Shop) -> None:
    first = await made(own, "secret")
    second = await made(own, "secret")
    old, key = first["secret"], second["secret"]
    assert key.startswith("lk_") and second["key"]["key"] == "" and key.endswith(second["key"]["tail"])
    listed = await own.admin.get(KEYS)
    whole = (await own.admin.get("/api/sites/shop/catalog")).text
    assert not [one for one in (old, key) if one in listed.text or one in whole]
    assert [await speaks_for_others(own, one) for one in (old, key, "nothing")] == [True, True, False]
    own.now += GRACE["secret"]
    assert [await speaks_for_others(own, one) for one in (old, key)] == [False, True]
    assert (await sends(own, old), await sends(own, key)) == (401, 200)


async def test_a_key_that_leaked_ends_now(own: Shop) -> None:
    leaked = own.site.engine.catalog.site.write_key
    earlier = (await made(own, "public", grace="90d"))["key"]["key"]
    new = await made(own, "public", grace="now")
    assert new["others"] == []
    assert [await sends(own, one) for one in (leaked, earlier, new["key"]["key"])] == [401, 401, 200]


async def test_several_overlap_and_one_can_be_ended(own: Shop) -> None:
    keys = [await made(own, "secret", grace=grace) for grace in ("10d", "20d", "30d")]
    assert (
        sorted((await states(own, "secret")).values())[:4]
        == ["current", "ended", "ended", "ended"][:1] + sorted((await states(own, "secret")).values())[1:4]
    )
    found = await states(own, "secret")
    assert [found[one["key"]["id"]] for one in keys] == ["ending", "ending", "current"]
    ended = answered(await own.admin.delete(f"{KEYS}/{keys[0]['key']['id']}"), 200)
    assert ended["state"] == "ended" and ended["ends"] == own.now
    assert [await speaks_for_others(own, one["secret"]) for one in keys] == [False, True, True]
    answered(await own.admin.delete(f"{KEYS}/{keys[2]['key']['id']}"), 200)
    assert not await speaks_for_others(own, keys[2]["secret"]), "a site needs no secret key"


async def test_the_public_key_in_use_is_not_ended_but_replaced(own: Shop) -> None:
    current = next(one for one, state in (await states(own, "public")).items() if state == "current")
    assert problem(await own.admin.delete(f"{KEYS}/{current}"), 409) == "key.current"
    assert problem(await own.admin.delete(f"{KEYS}/nothing"), 404) == "key.unknown"


@pytest.mark.parametrize("grace", ["", "30", "1mo", "400d", "-1d", "never"])
async def test_what_is_no_grace_is_refused(own: Shop, grace: str) -> None:
    before = await states(own, "public")
    assert problem(await own.admin.post(KEYS, json={"use": "public", "grace": grace}), 422) == "key.grace"
    assert await states(own, "public") == before


async def test_the_day_of_the_last_use_is_told(own: Shop) -> None:
    key = (await made(own, "public"))["key"]
    assert key["used"] is None
    await sends(own, key["key"])
    listed = {one["id"]: one["used"] for one in answered(await own.admin.get(KEYS), 200)}
    assert listed[key["id"]] == own.now - own.now % DAY
    own.now += DAY
    await sends(own, key["key"])
    await own.installation.keys.note_uses()
    assert own.installation.keys.ring.unnoted == {}
    listed = {one["id"]: one["used"] for one in answered(await own.admin.get(KEYS), 200)}
    assert listed[key["id"]] == own.now - own.now % DAY


async def test_a_file_with_an_old_key_brings_it_not_back(own: Shop) -> None:
    old = own.site.engine.catalog.site.write_key
    new = (await made(own, "public", grace="now"))["key"]["key"]
    file = msgspec.structs.replace(own.site.engine.catalog.site, write_key=old)
    preview = await own.admin.post("/api/sites/shop/catalog/preview", json=body(own, file))
    assert answered(preview, 200)["differences"] == []
    answered(await own.admin.put("/api/sites/shop/catalog", json=body(own, file)), 200)
    assert own.site.engine.catalog.site.write_key == new
    assert (await sends(own, old), await sends(own, new)) == (401, 200)


async def test_a_file_may_bring_new_keys(own: Shop) -> None:
    old, secret = own.site.engine.catalog.site.write_key, (await made(own, "secret"))["secret"]
    brought = f"from a file {own.now}"
    file = msgspec.structs.replace(
        own.site.engine.catalog.site, write_key=brought, secret_key=f"a secret from a file {own.now}"
    )
    answered(await own.admin.put("/api/sites/shop/catalog", json=body(own, file)), 200)
    assert own.site.engine.catalog.site == msgspec.structs.replace(file, secret_key="")
    assert await speaks_for_others(own, file.secret_key) and await speaks_for_others(own, secret)
    assert (await sends(own, old), await sends(own, brought)) == (200, 200)
    answered(await own.admin.put("/api/sites/shop/catalog", json=body(own, file)), 200)
    own.now += DAY
    assert await speaks_for_others(own, file.secret_key) and not await speaks_for_others(own, secret)
    own.now += 29 * DAY
    assert (await sends(own, old), await sends(own, brought)) == (401, 200)
    for word in ("a secret from a file", "secretKey"):
        for path in ("catalog", "definitions/site/shop", "definitions/site/shop/revisions", "publications"):
            assert word not in (await own.admin.get(f"/api/sites/shop/{path}")).text, path


async def test_one_key_for_both_is_refused(own: Shop) -> None:
    site = own.site.engine.catalog.site
    both = msgspec.structs.replace(site, secret_key=site.write_key)
    assert problem(await own.admin.put("/api/sites/shop/catalog", json=body(own, both)), 422) == "catalog.secret-key"
    secret = (await made(own, "secret"))["secret"]
    swapped = msgspec.structs.replace(site, write_key=secret)
    assert problem(await own.admin.put("/api/sites/shop/catalog", json=body(own, swapped)), 409) == "key.taken"
    assert own.site.engine.catalog.site == site


async def test_a_key_is_one_sites(own: Shop) -> None:
    taken = own.site.engine.catalog.site.write_key
    with pytest.raises(ConflictError):
        await own.installation.ensure(Site(key="second", timezone="UTC", write_key=taken))
    assert "second" not in own.installation.sites
    answered(await own.admin.put("/api/sites/second", json={}), 200)
    second = answered(await own.admin.get("/api/sites/second/keys"), 200)
    answer = await own.admin.delete(f"{KEYS}/{second[0]['id']}")
    assert problem(answer, 404) == "key.unknown", "another site's key is none of ours"


async def test_keys_are_for_admins_of_the_site_and_noted(own: Shop) -> None:
    eve = await signed_in(own, "eve-keys@example.com", shop="publisher")
    for method, path in (("GET", KEYS), ("POST", KEYS), ("DELETE", f"{KEYS}/x")):
        body = {"use": "public"} if method == "POST" else None
        assert problem(await eve.ask(method, path, body), 403) == "access.role"
    found = await made(own, "public", grace="12h")
    log = answered(await own.admin.get("/api/audit?limit=1"), 200)["entries"]
    assert log[0]["sentence"] == "made a new public key; grace for those before: 12h"
    assert (log[0]["site"], log[0]["target"]) == ("shop", found["key"]["id"])


async def test_undoing_the_publication_of_a_key_brings_no_old_one_back(own: Shop) -> None:
    new = (await made(own, "public", grace="now"))["key"]["key"]
    newest = answered(await own.admin.get("/api/sites/shop/publications?limit=1"), 200)["publications"][0]
    answered(await own.admin.post(f"/api/sites/shop/publications/{newest['id']}/undo"), 201)
    assert own.site.engine.catalog.site.write_key == new and await sends(own, new) == 200


async def test_keys_are_the_same_after_a_restart(tmp_path: Path) -> None:
    numbers = iter(range(10_000))
    clock, new_id = (lambda: NOON), (lambda: f"{next(numbers):032}")
    async with installation(tmp_path, clock, new_id, create=True) as opened:
        site = await opened.ensure(SITE)
        await publish(site, shop_catalog())
        await publish(site, shop_catalog_with("another key"))
        before = {key: opened.by_write_key(key) for key in ("w", "another key", "hidden")}
        assert None not in before.values()
    async with installation(tmp_path, clock, new_id) as opened:
        site = opened.site("shop")
        assert opened.by_write_key("w") == (site, False) == opened.by_write_key("another key")
        assert opened.by_write_key("hidden") == (site, True)
        assert {one.text: one.used for one in opened.keys.ring.of("shop")}["w"] == NOON - NOON % DAY
    for part in tmp_path.rglob("catalog.db*"):
        assert b"hidden" not in part.read_bytes(), "the secret itself is nowhere"


def shop_catalog_with(key: str) -> Any:
    return msgspec.structs.replace(shop_catalog(), site=msgspec.structs.replace(SITE, write_key=key))


def body(shop: Shop, site: Site) -> Any:
    return msgspec.to_builtins(msgspec.structs.replace(shop.site.engine.catalog, site=site))
