"""Who may ask what: every route and every role, against the table in access.txt.

To renew it after a change: `python -m tests.web.test_access`, then read the difference line by line.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from lenticular.web.api.access import ACCESS
from tests.hostile.asked import ENDLESS, Operation, operations
from tests.web.shop import Shop, open_shop
from tests.web.test_openapi import SNAPSHOT
from tests.web.visitors import answered

pytestmark = pytest.mark.asyncio(loop_scope="session")
TABLE = Path(__file__).with_name("access.txt")
WHO: dict[str, dict[str, str]] = {
    "nothing": {},
    "elsewhere": {"other": "admin"},
    "viewer": {"shop": "viewer"},
    "editor": {"shop": "editor"},
    "publisher": {"shop": "publisher"},
    "admin": {"shop": "admin"},
    "viewer*": {"*": "viewer"},
    "publisher*": {"*": "publisher"},
    "admin*": {"*": "admin"},
}
"""Roles by site; `*` stands for all."""
_SAYS = {401: "-", 403: "no", 404: "hidden"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def own(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path_factory.mktemp("access")) as shop:
        yield shop


async def found(shop: Shop) -> str:
    """Return the table as the running server has it: each cell is an answer."""
    answered(await shop.admin.put("/api/sites/other", json={}), 200)
    people = {"nobody": shop.visitor} | {name: await _asking(shop, name, roles) for name, roles in WHO.items()}
    rows = [["route", *people]]
    for one in operations(json.loads(SNAPSHOT.read_text())):
        if one.path.startswith("/api/"):
            rows.append([one.name, *[await _answer(client, one) for client in people.values()]])
    for client in people.values():
        await client.aclose()
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines) + "\n"


async def _asking(shop: Shop, name: str, roles: dict[str, str]) -> httpx.AsyncClient:
    """Return a browser in the session of a user with some roles."""
    who = {"email": f"{name.replace('*', '.all')}@example.com", "password": "correct horse battery"}
    answered(await shop.admin.post("/api/users", json={**who, "roles": roles}), 201)
    client = httpx.AsyncClient(base_url=shop.url, timeout=30)
    me = answered(await client.post("/api/session", json=who), 200)
    client.headers["x-csrf-token"] = me["csrf"]
    return client


async def _answer(client: httpx.AsyncClient, one: Operation) -> str:
    """Return what a request says that can't do anything: it names nothing that exists but the site, or is no request.

    Signing out is left to the tests of sessions: it would end what the others need.
    """
    if one.name == "DELETE /api/session":
        return "-" if "x-csrf-token" not in client.headers else "yes"
    numbers = ("publication", "number", "proposal", "job")
    names = {name: "99999999" if name in numbers else "nothing" for name in one.parameters("path")}
    names |= {name: value for name, value in (("key", "shop"), ("kind", "segments")) if name in names}
    if one.name in _WITHOUT_BODY:
        return await _answer_of(client, one, names, None)
    return await _answer_of(client, one, names, None if one.method == "get" else b"[")


_WITHOUT_BODY = ("POST /api/doctor",)


async def _answer_of(client: httpx.AsyncClient, one: Operation, names: dict[str, str], body: bytes | None) -> str:
    headers = {"content-type": "application/json"}
    url = one.url(**names) + ("?seconds=0" if one.name in ENDLESS else "")
    answer = await client.request(one.method, url, content=body, headers=headers)
    assert answer.status_code < 500, (one.name, answer.text)
    code = ""
    if answer.status_code >= 400:
        problems: list[Any] = answer.json()["problems"]
        code = problems[0]["code"] if problems else ""
    if answer.status_code == 404 and code != "site.unknown":
        return "yes"
    return _SAYS.get(answer.status_code, "yes")


async def test_everybody_may_what_the_table_says_and_nothing_else(own: Shop) -> None:
    assert (await found(own)).splitlines() == TABLE.read_text().splitlines()


def _lines() -> dict[str, list[str]]:
    return {f"{line.split()[0]} {line.split()[1]}": line.split()[2:] for line in TABLE.read_text().splitlines()[1:]}


async def test_the_table_names_every_route_that_is_declared() -> None:
    assert set(_lines()) == set(ACCESS)


async def test_what_nobody_may_ask_is_hidden_from_other_sites_and_grows_with_the_role() -> None:
    """Whatever the table says: who is not signed in gets nowhere, and no role may less than the one before it."""
    public = {"POST /api/session", "POST /api/links/look", "POST /api/links/use", "GET /api/session/ways"}
    public |= {"GET /api/session/oidc", "GET /api/session/oidc/callback"}
    for route, (nobody, nothing, elsewhere, *rest) in _lines().items():
        one_site, all_sites = rest[:4], rest[4:]
        assert (nobody == "yes") == (route in public), route
        if "/{key}/" in route:
            assert (nothing, elsewhere) == ("hidden", "hidden"), route
        for row in (one_site, all_sites):
            assert row == sorted(row, key=("no", "yes").index), route
        assert all_sites[-1] == "yes", route


async def _renew() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_shop(Path(folder)) as shop:
            TABLE.write_text(await found(shop))


if __name__ == "__main__":
    asyncio.run(_renew())
