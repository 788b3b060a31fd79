"""Sign in, stay in, get out: sessions, proofs, throttling, links, and what of users ends with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from lenticular.accounts.session import IDLE, LONGEST
from lenticular.web.api import guard
from lenticular.web.server import server
from tests.web.serving import serving
from tests.web.shop import HOUR, NOON, TOKEN, Shop, open_shop
from tests.web.visitors import PASSWORD, Browser, answered, problem, signed_in, user

pytestmark = pytest.mark.asyncio(loop_scope="session")
COOKIE = "lenticular_session"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("accounts")) as shop:
        yield shop


@pytest_asyncio.fixture(loop_scope="session")
async def own(opened: Shop) -> AsyncIterator[Shop]:
    """The shop, at noon, with a server that nobody has tried to get into yet."""
    opened.now = NOON
    async with serving(server(opened.installation, TOKEN)) as url:
        kept, opened.url = opened.url, url
        yield opened
        opened.url = kept
        await Browser.close_all()


async def test_sign_in_and_out(own: Shop) -> None:
    eve = await signed_in(own, "eve1@example.com", shop="editor")
    me = answered(await eve.ask("GET", "/api/session"), 200)
    assert (me["name"], me["via"], me["roles"]) == ("eve1", "session", {"shop": "editor"})
    assert [site["key"] for site in answered(await eve.ask("GET", "/api/sites"), 200)] == ["shop"]
    secret = eve.http.cookies[COOKIE]
    gone = await eve.ask("DELETE", "/api/session")
    assert gone.status_code == 204 and COOKIE not in eve.http.cookies
    eve.http.cookies[COOKIE] = secret
    assert (await eve.ask("GET", "/api/session")).status_code == 401, "the session itself has ended"


async def test_the_cookie_is_for_nobody_else(own: Shop) -> None:
    await user(own, "eve2@example.com", shop="editor")
    answer = await Browser(own).sign_in("EVE2@example.com")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie and "secure" not in cookie
    assert "no-store" in answer.headers["cache-control"]
    body = {"email": "eve2@example.com", "password": PASSWORD}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=server(own.installation, TOKEN)), base_url="https://shop.example"
    ) as tls:
        answer = await tls.post("/api/session", json=body)
        assert "; secure" in answer.headers["set-cookie"].lower()


async def test_a_session_that_was_foisted_on_a_browser_is_not_taken_up(own: Shop) -> None:
    """Fixation: what the browser brings is never what it is signed in with."""
    mallory = await signed_in(own, "mallory@example.com")
    eve = Browser(own)
    await user(own, "eve3@example.com", shop="editor")
    for foisted in ("ls_chosen", mallory.http.cookies[COOKIE]):
        eve.http.cookies.clear()
        eve.http.cookies.set(COOKIE, foisted, domain="127.0.0.1")
        answered(await eve.sign_in("eve3@example.com"), 200)
        assert eve.http.cookies[COOKIE] != foisted
        thief = Browser(own)
        thief.http.cookies[COOKIE] = foisted
        assert (await thief.ask("GET", "/api/session")).status_code == 401


async def test_the_answer_is_the_same_for_who_is_not_there(own: Shop) -> None:
    await user(own, "eve4@example.com")
    browser = Browser(own)
    wrong = await browser.sign_in("eve4@example.com", "another battery horse")
    unknown = await browser.sign_in("nobody@example.com", "another battery horse")
    for odd in ("", "\0", "x" * 7_000, "' OR 1=1 --"):
        assert (await browser.sign_in(odd, odd)).json() == wrong.json()
    assert (wrong.status_code, wrong.json()) == (401, unknown.json())
    assert {**dict(wrong.headers), "date": ""} == {**dict(unknown.headers), "date": ""}


async def test_guessing_an_account_is_slowed_down(own: Shop) -> None:
    await user(own, "eve5@example.com", shop="viewer")
    browser = Browser(own)
    for _ in range(5):
        assert problem(await browser.sign_in("eve5@example.com", "wrong"), 401) == "sign-in.wrong"
    answer = await browser.sign_in("Eve5@example.com")
    assert (problem(answer, 429), answer.headers["retry-after"]) == ("sign-in.often", "1")
    own.now += 1_000
    assert problem(await browser.sign_in("eve5@example.com", "wrong"), 401) == "sign-in.wrong"
    own.now += 1_999
    assert (await browser.sign_in("eve5@example.com")).status_code == 429
    own.now += 1
    answered(await browser.sign_in("eve5@example.com"), 200)
    assert problem(await browser.sign_in("eve5@example.com", "wrong"), 401) == "sign-in.wrong"


async def test_guessing_from_one_address_is_slowed_down_also_for_those_who_are_not_there(own: Shop) -> None:
    await user(own, "eve6@example.com", shop="viewer")
    browser = Browser(own)
    for at in range(20):
        assert (await browser.sign_in(f"nobody{at}@example.com", "wrong")).status_code == 401
    assert (await browser.sign_in("eve6@example.com")).status_code == 429
    own.now += HOUR
    answered(await browser.sign_in("eve6@example.com"), 200)


async def test_a_session_ends_by_itself(own: Shop) -> None:
    eve = await signed_in(own, "eve7@example.com", shop="viewer")
    own.now += IDLE - 1
    answered(await eve.ask("GET", "/api/session"), 200)
    own.now += IDLE
    assert (await eve.ask("GET", "/api/session")).status_code == 401
    own.now = NOON
    answered(await eve.sign_in("eve7@example.com"), 200)
    while own.now < NOON + LONGEST - IDLE:
        own.now += IDLE - 1
        answered(await eve.ask("GET", "/api/session"), 200)
    own.now = NOON + LONGEST
    assert (await eve.ask("GET", "/api/session")).status_code == 401


async def test_a_change_in_a_session_needs_the_proof(own: Shop) -> None:
    """CSRF: the cookie alone changes nothing, whatever the form that another site's page sends."""
    eve = await signed_in(own, "eve8@example.com", shop="publisher")
    tom = await signed_in(own, "tom8@example.com", shop="publisher")
    where = "/api/sites/shop/drafts/goals/won"
    for proof in (b"", b"x", b"\xff", tom.proof.encode()):
        answer = await eve.http.put(where, json={"body": {}}, headers={b"x-csrf-token": proof})
        assert problem(answer, 403) == "csrf"
    answered(await eve.ask("PUT", where, {"body": {"name": "Won", "event": "Won"}}), 200)
    assert (await eve.ask("DELETE", where)).status_code == 204
    body = b'{"email": "eve8@example.com", "password": "%s"}' % PASSWORD.encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = await own.visitor.post(f"{own.url}/api/session", content=body, headers={"content-type": kind})
        assert problem(answer, 403) == "csrf"


async def test_a_wrong_token_is_not_made_good_by_a_cookie(own: Shop) -> None:
    eve = await signed_in(own, "eve9@example.com", shop="viewer")
    for given in ("Bearer wrong", "Bearer lt_wrong", f"Bearer {eve.http.cookies[COOKIE]}", ""):
        answer = await eve.http.get("/api/session", headers={"authorization": given})
        assert answer.status_code == 401
    other = Browser(own)
    other.http.cookies[COOKIE] = TOKEN
    assert (await other.ask("GET", "/api/session")).status_code == 401


async def test_a_new_password_ends_the_other_sessions(own: Shop) -> None:
    here = await signed_in(own, "eve10@example.com", shop="viewer")
    there = Browser(own)
    answered(await there.sign_in("eve10@example.com"), 200)
    new = "another battery horse"
    assert problem(await here.ask("PUT", "/api/session/password", {"old": "x", "new": new}), 403) == "password.wrong"
    weak = {"old": PASSWORD, "new": "short"}
    assert problem(await here.ask("PUT", "/api/session/password", weak), 422) == "password.length"
    assert len(answered(await here.ask("GET", "/api/session/all"), 200)) == 2
    answered(await here.ask("PUT", "/api/session/password", {"old": PASSWORD, "new": new}), 204)
    assert [one["here"] for one in answered(await here.ask("GET", "/api/session/all"), 200)] == [True]
    assert (await there.ask("GET", "/api/session")).status_code == 401
    assert (await there.sign_in("eve10@example.com")).status_code == 401
    answered(await there.sign_in("eve10@example.com", new), 200)
    answered(await here.ask("DELETE", "/api/session?everywhere=true"), 204)
    assert (await there.ask("GET", "/api/session")).status_code == 401


async def test_who_is_removed_or_disabled_is_out_at_once(own: Shop) -> None:
    for change in ("disable", "remove"):
        eve = await signed_in(own, f"eve.{change}@example.com", shop="editor")
        made = answered(await eve.ask("POST", "/api/tokens", {"name": "ci", "role": "viewer"}), 201)
        program = {"authorization": f"Bearer {made['secret']}"}
        assert (await own.visitor.get("/api/sites/shop/drafts", headers=program)).status_code == 200
        where = f"/api/users/eve.{change}@example.com"
        if change == "remove":
            answered(await own.admin.delete(where), 204)
        else:
            answered(await own.admin.put(where, json={"state": "disabled"}), 200)
        assert (await eve.ask("GET", "/api/session")).status_code == 401
        assert (await own.visitor.get("/api/sites/shop/drafts", headers=program)).status_code == 401
        assert problem(await eve.sign_in(f"eve.{change}@example.com"), 401) == "sign-in.wrong"


async def test_a_role_that_is_taken_away_is_gone_from_sessions_and_tokens(own: Shop) -> None:
    eve = await signed_in(own, "eve11@example.com", shop="editor")
    made = answered(await eve.ask("POST", "/api/tokens", {"name": "ci", "role": "editor", "site": "shop"}), 201)
    program = {"authorization": f"Bearer {made['secret']}"}
    answered(await own.admin.put("/api/users/eve11@example.com", json={"roles": {"shop": "viewer"}}), 200)
    draft = {"body": {"name": "Won", "event": "Won"}}
    assert problem(await eve.ask("PUT", "/api/sites/shop/drafts/goals/won", draft), 403) == "access.role"
    answer = await own.visitor.put("/api/sites/shop/drafts/goals/won", json=draft, headers=program)
    assert problem(answer, 403) == "access.role"
    answered(await own.admin.put("/api/users/eve11@example.com", json={"roles": {}}), 200)
    answer = await own.visitor.get("/api/sites/shop/drafts", headers=program)
    assert problem(answer, 404) == "site.unknown"


async def test_the_last_admin_stays(own: Shop) -> None:
    await user(own, "root@example.com", everywhere="admin")
    for change in ({"roles": {"shop": "admin"}}, {"state": "disabled"}):
        answer = await own.admin.put("/api/users/root@example.com", json=change)
        assert problem(answer, 409) == "user.last-admin"
    assert problem(await own.admin.delete("/api/users/root@example.com"), 409) == "user.last-admin"
    await user(own, "root2@example.com", everywhere="admin")
    answered(await own.admin.delete("/api/users/root@example.com"), 204)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"email": "no address"}, "user.email"),
        ({"password": "short"}, "password.length"),
        ({"roles": {"unheard-of": "viewer"}}, "role.site"),
        ({"name": "\x07"}, "user.name"),
    ],
)
async def test_users_that_can_not_be(own: Shop, body: dict[str, object], code: str) -> None:
    answer = await own.admin.post(
        "/api/users", json={"email": "x@example.com", "password": PASSWORD, "roles": {}, **body}
    )
    assert problem(answer, 422) == code
    assert problem(await own.admin.delete("/api/users/x@example.com"), 404) == "user.unknown"


async def test_whom_nobody_knows_may_not_send_much_nor_slowly(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = {"content-type": "application/json"}
    for path in ("session", "links/look", "links/use"):
        answer = await own.visitor.post(f"{own.url}/api/{path}", content=b"[" + b" " * 20_000, headers=kind)
        assert answer.status_code == 413, path
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    host, _, port = own.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /api/session HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"
    )
    writer.write(head.encode())
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    await writer.wait_closed()


async def test_who_has_to_wait_is_in_the_log_once_for_each_time(own: Shop) -> None:
    await user(own, "eve30@example.com", shop="viewer")
    browser = Browser(own)
    own.now += 60_000  # behind what other tests tried

    async def tries(count: int, email: str = "eve30@example.com") -> list[int]:
        return [(await browser.sign_in(email, "wrong")).status_code for _ in range(count)]

    async def logged() -> list[tuple[str, str]]:
        path = f"/api/audit?what=sign-in.throttled&since={own.now}&limit=100"
        entries = answered(await own.admin.get(path), 200)["entries"]
        return [(one["who"], one["sentence"]) for one in reversed(entries) if one["at"] >= own.now]

    assert await tries(5) == [401] * 5 and await logged() == []
    assert await tries(4) == [429] * 4
    assert await logged() == [("eve30@example.com", "has to wait 1 second: too many tries to sign in")]
    own.now += 1_000
    assert await tries(3) == [401, 429, 429]
    assert await logged() == [("eve30@example.com", "has to wait 2 seconds: too many tries to sign in")]
    own.now += 10_000
    assert await tries(14, "nobody@example.com") == [401] * 5 + [429] * 9
    assert [who for who, _ in await logged()] == ["someone"], "what people type is not written down"
