"""Sign-in with OpenID Connect: who comes in, and who does not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.web.openid_provider import person
from tests.web.openid_world import START, World, settings
from tests.web.openid_world import opened as opened
from tests.web.openid_world import world as world
from tests.web.shop import Shop
from tests.web.visitors import Browser, answered, problem, signed_in

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_someone_who_was_invited_comes_in(world: World) -> None:
    new = {"email": "Mia@Example.com", "roles": {"shop": "editor"}}
    answered(await world.shop.admin.post("/api/invitations", json=new), 201)
    world.provider.who = person("mia")
    me = await world.comes_in(browser := await world.browser())
    assert (me["name"], me["email"], me["roles"]) == ("Mia", "mia@example.com", {"shop": "editor"})
    assert answered(await world.shop.admin.get("/api/invitations"), 200) == [], "it is used up"
    again = await world.comes_in(await world.browser())
    assert again["id"] == me["id"]
    log = answered(await world.shop.admin.get("/api/audit?what=sign-in&limit=1"), 200)["entries"]
    assert log[0]["sentence"] == "signed in with Example ID" and log[0]["who"] == "Mia"
    assert (await browser.ask("PUT", "/api/sites/shop/drafts/goals/x", {"body": {"event": "X"}})).status_code == 200
    await browser.ask("DELETE", "/api/sites/shop/drafts/goals/x")


async def test_a_known_user_is_known_by_subject_from_then_on(world: World) -> None:
    identity = await world.known("eve", shop="viewer")
    me = await world.comes_in(await world.browser())
    assert me["id"] == identity
    world.provider.who = person("eve", email="evelyn@elsewhere.org", email_verified=False)
    assert (await world.comes_in(await world.browser()))["id"] == identity, "whatever their address is now"
    world.provider.who = person("eve", sub="another person")
    await world.stays_out(await world.browser(), "someone else")


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({}, "nobody invited them"),
        ({"email_verified": False}, "vouches for no e-mail"),
        ({"email_verified": None}, "vouches for no e-mail"),
        ({"email_verified": "false"}, "vouches for no e-mail"),
        ({"email": None}, "vouches for no e-mail"),
        ({"email": "no address"}, "vouches for no e-mail"),
        ({"email": ["eve@example.com"]}, "vouches for no e-mail"),
    ],
)
async def test_who_is_not_known_stays_out(world: World, claims: dict[str, Any], why: str) -> None:
    if claims:
        await world.known("eve", everywhere="admin")
    world.provider.who = person("eve", **claims)
    await world.stays_out(await world.browser(), why)
    log = answered(await world.shop.admin.get("/api/audit?what=sign-in.refused&limit=1"), 200)["entries"]
    assert why in log[0]["sentence"] and log[0]["who"] == "someone"


@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/segments/students?tab=people#top", "/segments/students?tab=people#top"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("\\\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nset-cookie: x=y", "/"),
        ("/" + "a" * 3000, "/"),
        ("", "/"),
    ],
)
async def test_afterwards_one_is_at_a_page_of_this_server(world: World, wanted: str, leads: str) -> None:
    await world.known("eve", shop="viewer")
    answer = await world.sign_in(await world.browser(), wanted)
    assert answer.status_code == 303 and answer.headers["location"] == leads


async def test_a_session_that_was_there_before_is_not_gone_on_with(world: World) -> None:
    await world.known("eve", shop="viewer")
    browser = await signed_in(world.shop, "tom@example.com", shop="viewer")
    planted = browser.http.cookies["lenticular_session"]
    await world.comes_in(browser)
    assert browser.http.cookies["lenticular_session"] != planted
    old = Browser(world.shop)
    old.http.cookies.set("lenticular_session", planted)
    assert (await old.ask("GET", "/api/session")).status_code == 401
    headers = (await world.sign_in(await world.browser())).headers.get_list("set-cookie")
    own = next(one for one in headers if one.startswith("lenticular_session="))
    assert "HttpOnly" in own and "SameSite=lax" in own


async def test_removed_and_disabled_users_stay_out(world: World) -> None:
    await world.known("root", everywhere="admin")
    identity = await world.known("eve", shop="viewer")
    browser = await world.browser()
    await world.comes_in(browser)
    answered(await world.shop.admin.put(f"/api/users/{identity}", json={"state": "disabled"}), 200)
    assert (await browser.http.get("/api/session")).status_code == 401
    await world.stays_out(await world.browser(), "disabled")
    answered(await world.shop.admin.delete(f"/api/users/{identity}"), 204)
    await world.stays_out(await world.browser(), "removed")
    new = {"email": "eve@example.com", "roles": {"shop": "editor"}}
    answered(await world.shop.admin.post("/api/invitations", json=new), 201)
    me = await world.comes_in(await world.browser())
    assert me["roles"] == {"shop": "editor"} and me["id"] != identity


@settings(oidc_roles="*=viewer, second shop team:shop=editor", oidc_domains="example.com, @example.org")
async def test_new_users_may_get_a_role_at_once(world: World, more: Any) -> None:
    world.provider.who = person("new", groups=["x", "second shop team"])
    me = await world.comes_in(await world.browser())
    assert me["roles"] == {"*": "viewer", "shop": "editor"}
    world.provider.who = person("org", email="o@EXAMPLE.org", groups="second shop team")
    assert (await world.comes_in(await world.browser()))["roles"]["shop"] == "editor"
    for email in ("x@sub.example.com", "x@example.com.evil.org", "x@evil-example.com"):
        world.provider.who = person("odd", email=email, sub=email)
        await world.stays_out(await world.browser(), "domain")
    world.provider.who = person("new", groups=[])
    assert (await world.comes_in(await world.browser()))["roles"] == {"*": "viewer"}, "groups are asked each time"
    gone = answered(await world.shop.admin.get("/api/users"), 200)
    for user in gone:
        answered(await world.shop.admin.delete(f"/api/users/{user['id']}"), 204)
    await world.stays_out(await world.browser(), "removed")


@settings(oidc_roles="*=viewer")
async def test_a_user_who_was_removed_does_not_come_back_as_a_new_one(world: World, more: Any) -> None:
    identity = await world.known("eve", shop="admin")
    answered(await world.shop.admin.delete(f"/api/users/{identity}"), 204)
    await world.stays_out(await world.browser(), "removed")
    await world.known("eve", shop="viewer")
    assert (await world.comes_in(await world.browser()))["roles"] == {"shop": "viewer"}


@settings(oidc_roles="admins:*=admin, editors:shop=editor")
async def test_who_leaves_every_group_is_out_but_the_last_admin_stays(world: World, more: Any) -> None:
    world.provider.who = person("root", groups=["admins"])
    await world.comes_in(await world.browser())
    world.provider.who = person("eve", groups=["editors"])
    browser = await world.browser()
    assert (await world.comes_in(browser))["roles"] == {"shop": "editor"}
    world.provider.who = person("eve", groups=["others"])
    await world.stays_out(await world.browser(), "in no group")
    me = answered(await browser.http.get("/api/session"), 200)
    assert me["roles"] == {}
    world.provider.who = person("root", groups=[])
    assert (await world.comes_in(await world.browser()))["roles"] == {"*": "admin"}, "somebody must be one"


async def test_an_address_that_only_userinfo_has_is_asked_for(world: World) -> None:
    await world.known("eve", shop="viewer")
    world.provider.metadata = {"userinfo_endpoint": f"{world.provider.url}/userinfo"}
    world.provider.who, world.provider.userinfo = {"sub": "sub-eve"}, person("eve", sub="somebody else")
    await world.stays_out(await world.browser(), "somebody else", 502)
    world.provider.userinfo = person("eve")
    assert (await world.comes_in(await world.browser()))["email"] == "eve@example.com"


@settings(oidc_roles="editors:shop=editor")
async def test_groups_that_only_userinfo_has_are_asked_for(world: World, more: Any) -> None:
    world.provider.metadata = {"userinfo_endpoint": f"{world.provider.url}/userinfo"}
    world.provider.userinfo = person("eve", groups=["editors"], email="not@believed.org")
    me = await world.comes_in(await world.browser())
    assert (me["email"], me["roles"]) == ("eve@example.com", {"shop": "editor"}), "the signed token goes first"


@settings(passwords="off")
async def test_passwords_can_be_switched_off(world: World, more: Any) -> None:
    await world.known("eve", everywhere="admin")
    ways = answered(await (await world.browser()).http.get("/api/session/ways"), 200)
    assert ways == {"passwords": False, "oidc": {"name": "Example ID", "path": START}}
    browser = await world.browser()
    assert problem(await browser.sign_in("eve@example.com"), 403) == "sign-in.passwords"
    assert problem(await world.shop.admin.post("/api/users/eve@example.com/reset"), 403) == "sign-in.passwords"
    new = {"email": "tom@example.com", "roles": {"shop": "editor"}}
    given = answered(await world.shop.admin.post("/api/invitations", json=new), 201)
    assert problem(await browser.use(secret=given["secret"]), 403) == "sign-in.passwords"
    await world.comes_in(browser)
    change = {"old": "correct horse battery", "new": "another long password"}
    assert problem(await browser.ask("PUT", "/api/session/password", change), 403) == "sign-in.passwords"
    world.provider.who = person("tom")
    assert (await world.comes_in(await world.browser()))["roles"] == {"shop": "editor"}


@settings(url="https://lenticular.example/")
async def test_the_provider_sends_people_to_the_address_that_is_set(world: World, more: Any) -> None:
    answer = await (await world.browser()).http.get(START, headers={"host": "evil.example"})
    asked = httpx.URL(answer.headers["location"]).params
    assert asked["redirect_uri"] == "https://lenticular.example/api/session/oidc/callback"


async def test_without_a_provider_there_are_passwords(shop: Shop) -> None:
    assert answered(await shop.visitor.get("/api/session/ways"), 200) == {"passwords": True, "oidc": None}
    for path in (START, f"{START}/callback?state=x&code=y"):
        assert problem(await shop.visitor.get(path), 404) == "way.unknown"
