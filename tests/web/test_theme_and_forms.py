"""`/lenticular/theme.css`, `/lenticular/form` and `/api/blocks` over real HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lenticular.app.publish import publish
from tests.web.shop import Shop, shop_catalog

pytestmark = pytest.mark.asyncio(loop_scope="session")
FORM = {"_site": "shop", "_event": "Contact Requested", "_flags": "news", "_numbers": "age"}


async def test_the_theme_comes_once_and_is_kept(shop: Shop) -> None:
    first = await shop.visitor.get("/lenticular/theme.css")
    assert first.status_code == 200 and first.headers["content-type"] == "text/css; charset=utf-8"
    assert "--lt-accent" in first.text and first.headers["access-control-allow-origin"] == "*"
    again = await shop.visitor.get("/lenticular/theme.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await shop.visitor.get("/lenticular/theme.css", headers={"accept-encoding": "identity"})
    assert plain.text == first.text and plain.headers["etag"] != first.headers["etag"]
    assert (await shop.visitor.head("/lenticular/theme.css")).headers["etag"] == first.headers["etag"]


async def test_a_site_sets_tokens(shop: Shop) -> None:
    catalog = shop_catalog()
    site = msgspec.structs.replace(catalog.site, theme={"accent": "light-dark(#1f3056, #9db7f5)"})
    await publish(shop.site, msgspec.structs.replace(catalog, site=site))
    sheet = (await shop.visitor.get("/lenticular/theme.css?site=shop")).text
    await publish(shop.site, catalog)
    assert sheet.endswith(":root{--lt-accent:light-dark(#1f3056, #9db7f5)}\n")
    other = (await shop.visitor.get("/lenticular/theme.css?site=nobody")).text
    assert sheet.startswith(other)


async def sent(shop: Shop, fields: dict[str, str], **headers: str) -> Any:
    return await shop.visitor.post("/lenticular/form", data=fields, headers=headers)


async def test_a_form_becomes_an_event_of_the_visitor(shop: Shop) -> None:
    me = shop.someone()
    fields = {**FORM, "topic": "cards", "news": "true", "age": "31", "_thanks": "/thanks?x=1"}
    answer = await sent(shop, fields, cookie=f"lenticular_id={me}", referer=f"{shop.url}/contact")
    assert (answer.status_code, answer.headers["location"]) == (303, "/thanks?x=1")
    await shop.settled()
    assert shop.site.types[("event", "news")] == "boolean" and shop.site.types[("event", "age")] == "number"
    explained = await shop.ask(
        "explain", rule='count("Contact Requested", topic == "cards", age > 30, news == True) == 1', anonymousId=me
    )
    assert explained["member"] is True


@pytest.mark.parametrize(
    "thanks", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1", "/a\r\nb: c"]
)
async def test_a_form_leads_nowhere_else(shop: Shop, thanks: str) -> None:
    answer = await sent(shop, {**FORM, "_thanks": thanks}, referer=f"{shop.url}/contact?a=b")
    assert (answer.status_code, answer.headers["location"]) == (303, "/contact")
    answer = await sent(shop, {**FORM, "_thanks": thanks}, referer="https://evil.example/x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    "fields", [{}, {"_site": "nobody", "_event": "X"}, {"_site": "shop"}, {"_site": "shop", "_event": "x" * 33_000}]
)
async def test_a_form_without_a_site_or_an_event_is_refused(shop: Shop, fields: dict[str, str]) -> None:
    assert (await sent(shop, fields)).status_code in (400, 413)


async def test_the_kinds_come_with_the_forms_of_their_settings(shop: Shop) -> None:
    answer = (await shop.admin.get("/api/blocks")).json()
    kinds = {kind["name"]: kind for kind in answer["kinds"]}
    assert answer["problems"] == [] and len(kinds) == 16
    hero = kinds["hero"]
    assert (hero["label"], hero["items"], hero["contains"], hero["package"]) == ("Hero", "none", False, "")
    fields = hero["schema"]["properties"]
    assert (fields["title"]["title"], fields["title"]["x-control"], fields["title"]["x-order"]) == ("Title", "text", 0)
    assert kinds["form"]["schema"]["properties"]["fields"]["x-control"] == "repeat"
    assert (await shop.visitor.get("/api/blocks")).status_code == 401
