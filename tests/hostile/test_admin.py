"""The admin API: every route of the document, wrong at every place. A new route is in the table by itself."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from lenticular.errors import Problem
from tests.hostile.asked import ENDLESS, KNOWN, Operation, operations
from tests.hostile.values import DEEP, NO_JSON
from tests.web.shop import Shop
from tests.web.test_openapi import SNAPSHOT

pytestmark = pytest.mark.asyncio(loop_scope="session")
DOCUMENT = json.loads(SNAPSHOT.read_text())
OPERATIONS = operations(DOCUMENT)
ADMIN = [one for one in OPERATIONS if one.path.startswith("/api/") and one.name not in ENDLESS]
PUBLIC = ("POST /api/session", "POST /api/links/look", "POST /api/links/use")
"""Who signs in is not signed in yet. These say that they take JSON alone (403), and nothing here says that it is."""
UNKNOWN = {**dict.fromkeys(PUBLIC, 403), "GET /api/session/oidc": 404, "GET /api/session/oidc/callback": 404}
"""What those are told whom nobody knows, where it is not 401; there is no OpenID provider here."""
GUARDED = [one for one in ADMIN if one.name != "GET /api/session/ways"]
"""Everything but what a page asks before anybody has signed in."""
WITH_BODY = [one for one in ADMIN if one.body() is not None]
PAGES = {"GET /", "GET /metrics", "GET /join", "GET /join/page.js", "GET /join/page.css", "POST /lenticular/form"}
PAGES |= {
    f"{method} /lenticular{name}" for method in ("GET", "HEAD") for name in (".js", ".d.ts", "/more.js", "/theme.css")
}
PAGES |= {
    "GET /lenticular/seen",
    "POST /lenticular/consent",
    "GET /lenticular/consent.js",
    "HEAD /lenticular/consent.js",
}
OF_THE_DOCUMENT = {f"GET /api/openapi{rest}" for rest in ("", ".json", "/{path}", "/openapi.json")}
NAMES = [
    *("..;", "../../../etc/passwd", "..\\..\\x", "/etc/passwd", "\0", "shop\0", "a b", "x" * 10_000, "SHOP", "é", "😀"),
    *("'", '"', "`;DROP DATABASE site_shop", "%", "%2e%2e%2f", "{}", "*", "-1", "9" * 400, "1.5", "nu ll", "\ufffe"),
]
RAW_NAMES = [*(quote(name, safe="") for name in NAMES), "%ff%fe", "%ed%a0%80", "%zz", "%"]


def refused_well(answer: httpx.Response, one: Operation, what: str) -> bool:
    """Whether it was refused; then as the document says, with a code and a message for each problem."""
    told = f"{one.name}, {what[:80]}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500, told
    if answer.status_code < 400:
        return False
    assert answer.headers["content-type"] == "application/problem+json", told
    document: Any = answer.json()
    more = {"current", "merge"} if answer.status_code == 412 else set()
    assert document.keys() == {"type", "title", "status", "problems", *more}, told
    assert (document["status"], bool(document["title"])) == (answer.status_code, True), told
    for problem in document["problems"]:
        assert Problem(**problem).code, told
        assert problem["message"], told
    assert "Traceback" not in answer.text, told
    if answer.status_code not in (404, 405):  # those are also of addresses that lead nowhere
        assert str(answer.status_code) in one.described["responses"], told
    return True


async def test_the_table_has_every_route(shop: Shop) -> None:
    """What Litestar answers stands in the document, but for the root, the document's own and `OPTIONS`."""
    app: Any = next(each.cell_contents for each in _cells(shop) if hasattr(each.cell_contents, "routes"))
    found = {
        f"{method} {re.sub(r':[a-z]+}', '}', route.path)}"
        for route in app.routes
        for method in getattr(route, "methods", ())
        if method != "OPTIONS"
    }
    assert found - {one.name for one in OPERATIONS} == OF_THE_DOCUMENT | PAGES
    assert {one.name for one in OPERATIONS} <= found
    assert len(ADMIN) > 12
    assert {"POST", "PUT"} == {one.method.upper() for one in WITH_BODY}


def _cells(shop: Shop) -> Any:
    from lenticular.web.server import server

    return getattr(server(shop.installation, "x"), "__closure__", ())


async def test_a_body_that_is_no_json(shop: Shop) -> None:
    for one in WITH_BODY:
        for name, body in NO_JSON.items():
            answer = await shop.admin.request(one.method, one.url(), content=body)
            assert refused_well(answer, one, name), (one.name, name, answer.text)


PARTS = [pytest.param(4, id="some"), pytest.param(1, id="all", marks=pytest.mark.soak)]
"""Of how many wrong things one is tried at each route; which, differs from one to the next."""


@pytest.mark.parametrize("part", PARTS)
async def test_a_body_with_something_else_at_each_place(shop: Shop, part: int) -> None:
    for at, one in enumerate(WITH_BODY):
        bodies = list(one.wrong_bodies())[at % part :: part]
        refused = 0
        for name, body in bodies:
            answer = await shop.admin.request(one.method, one.url(), content=body)
            refused += refused_well(answer, one, name)
        assert refused > 20 // part, f"{one.name}: too little of this is wrong"


@pytest.mark.parametrize("part", PARTS)
async def test_parameters_that_are_something_else(shop: Shop, part: int) -> None:
    for at, one in enumerate(ADMIN):
        body = None if one.body() is None else json.dumps(one.body())
        for name in one.parameters("path"):
            for value in RAW_NAMES[at % part :: part]:
                answer = await shop.admin.request(one.method, one.url(**{name: value}), content=body)
                refused_well(answer, one, f"{name} {value}")
                assert answer.status_code >= 400, (one.name, name, value, answer.text[:200])
        for name in one.parameters("query"):
            for value in RAW_NAMES[at % part :: part]:
                answer = await shop.admin.request(one.method, f"{one.url()}?{name}={value}", content=body)
                refused_well(answer, one, f"{name}={value}")
    assert list(shop.installation.sites) == ["shop"]


@pytest.mark.parametrize("part", PARTS)
async def test_forged_headers(shop: Shop, part: int) -> None:
    for at, one in enumerate(GUARDED):
        body = None if one.body() is None else json.dumps(one.body())
        for name, value in HEADERS[at % part :: part]:
            answer = await shop.admin.request(one.method, one.url(), content=body, headers=[(name, value)])
            refused_well(answer, one, f"{name!r}: {value[:40]!r}")
        for token in (b"", b"Bearer", b"Bearer \xff", b"Basic !!!", b"Bearer " + b"x" * 10_000):
            answer = await shop.admin.request(one.method, one.url(), content=body, headers={b"authorization": token})
            assert refused_well(answer, one, "token")
            assert answer.status_code == UNKNOWN.get(one.name, 401)


HEADERS: list[tuple[bytes, bytes]] = [
    *(
        (b"host", value)
        for value in (b"", b"[::1", b"a b", b"evil.example", b"x" * 10_000, b"\xff", b"shop@evil:99999")
    ),
    *((b"x-forwarded-for", value) for value in (b"1.2.3.4", b"x", b",,,", b"\xff", b"1" * 10_000, b"[::1")),
    *((b"x-forwarded-proto", value) for value in (b"gopher", b"https,http", b"\xff")),
    *((b"content-type", value) for value in (b"", b"x", b"text/html", b"application/json; charset=nope", b"\xff")),
    *((b"accept", value) for value in (b"", b"text/html;q=x", b";;;", b"\xff")),
    *((b"cookie", value) for value in (b'a="\\777;;==', b"=", b"\xff" * 100, b"a=b;" * 2_000)),
    *((b"content-encoding", value) for value in (b"gzip", b"br", b"\xff")),
    *((b"range", b"bytes=9-1"), (b"if-none-match", b"\xff"), (b"if-match", b'"x'), (b"expect", b"200-ok")),
    *((b"x-http-method-override", b"DELETE"), (b"origin", b"null"), (b"accept-language", b"," * 10_000)),
    *((b"te", b"trailers"), (b"via", b"\xff"), (b"x-request-id", b"x" * 30_000), (b"traceparent", b"\xff")),
]


async def test_who_knows_no_token_learns_nothing(shop: Shop) -> None:
    for one in GUARDED:
        for body in (b"", DEEP.encode(), json.dumps(one.body()).encode()):
            answer = await shop.visitor.request(one.method, one.url(), content=body)
            assert answer.status_code == UNKNOWN.get(one.name, 401), (one.name, answer.text)
            assert not any(str(value) in answer.text for name, value in KNOWN.items() if name == "segment")


async def test_bodies_without_end_are_cut_off(shop: Shop) -> None:
    """65 MB, of which the server may read no more than it must."""
    chunk = b"[" + b" " * (1 << 20)

    async def endless() -> Any:
        for _ in range(65):
            yield chunk

    for one in WITH_BODY[:2]:
        answer = await shop.admin.request(one.method, one.url(), content=endless())
        assert refused_well(answer, one, "65 MB")
        assert answer.status_code == 413, answer.text
