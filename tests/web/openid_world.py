"""A shop where people sign in with OpenID Connect, and the provider on loopback that it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import delete

from lenticular.accounts.role import Role
from lenticular.accounts.user import User
from lenticular.settings import Settings
from lenticular.stores.sql.account_tables import IDENTITIES, LINKS, USERS
from lenticular.web.server import server
from tests.web.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.web.serving import serving
from tests.web.shop import HOUR, TOKEN, Shop, open_shop
from tests.web.visitors import Browser, answered

START = "/api/session/oidc"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def opened(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Opened]:
    provider = OpenIdProvider()
    async with (
        serving(provider) as url,
        open_shop(tmp_path_factory.mktemp("openid")) as shop,
        AsyncExitStack() as stack,
    ):
        provider.url, provider.shop = url, shop
        yield Opened(shop, provider, stack)


class Opened:
    """A shop, its provider, and a server of the shop for each setting that was asked for."""

    def __init__(self, shop: Shop, provider: OpenIdProvider, stack: AsyncExitStack) -> None:
        self.shop, self.provider, self._stack = shop, provider, stack
        self._servers: dict[Settings, tuple[str, httpx.AsyncClient]] = {}

    async def server(self, own: Settings) -> tuple[str, httpx.AsyncClient]:
        """Return the address of a server with settings of its own, and a client of its admin."""
        if own not in self._servers:
            self.shop.installation.settings = own
            url = await self._stack.enter_async_context(serving(server(self.shop.installation, TOKEN)))
            admin = httpx.AsyncClient(base_url=url, headers=self.shop.admin.headers, timeout=30)
            self._servers[own] = url, await self._stack.enter_async_context(admin)
        return self._servers[own]


class World:
    """A shop, its provider, and servers of the shop with one setting or another."""

    def __init__(self, shop: Shop, provider: OpenIdProvider) -> None:
        self.shop, self.provider = shop, provider

    async def browser(self) -> Browser:
        """A browser of nobody yet."""
        return Browser(self.shop)

    async def at_provider(self, browser: Browser, wanted: str = "") -> str:
        """Begin to sign in, and do so at the provider; return the address that it sends the browser back to."""
        answer = await browser.http.get(START, params={"next": wanted} if wanted else {})
        assert answer.status_code == 302, answer.text
        return self.provider.authorize(urlsplit(answer.headers["location"]).query)

    async def sign_in(self, browser: Browser, wanted: str = "") -> httpx.Response:
        """Sign in; return what the browser is told when it comes back."""
        return await browser.http.get(await self.at_provider(browser, wanted))

    async def comes_in(self, browser: Browser) -> Any:
        """Sign in, which must do; return who that is."""
        answer = await self.sign_in(browser)
        assert answer.status_code == 303, answer.text
        me = answered(await browser.http.get("/api/session"), 200)
        browser.proof = me["csrf"]
        return me

    async def stays_out(self, browser: Browser, why: str, status: int = 403) -> None:
        """Try to sign in, which must not do."""
        answer = await self.sign_in(browser)
        assert answer.status_code == status and why in answer.text, answer.text
        assert answer.headers["content-type"].startswith("text/html") and "Traceback" not in answer.text
        assert (await browser.http.get("/api/session")).status_code == 401

    async def known(self, name: str, **roles: Role) -> str:
        """Add a user, without a password: hashing one takes its time."""
        given = {"*" if site == "everywhere" else site: role for site, role in roles.items()}
        installation = self.shop.installation
        user = User(installation.new_id(), f"{name}@example.com", name, "", self.shop.now, given)
        await installation.in_store(installation.accounts.put_user, user)
        return user.id


@pytest_asyncio.fixture(loop_scope="session")
async def world(opened: Opened, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A server with settings of its own (`@settings(…)`), an honest provider, and no users; a day later each time."""
    shop, provider = opened.shop, opened.provider
    provider.begin_anew()
    shop.now += 24 * HOUR
    own = Settings(oidc_issuer=provider.url, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_name="Example ID")
    more = request.node.callspec.params.get("more", {}) if hasattr(request.node, "callspec") else {}
    before, url, admin = shop.installation.settings, shop.url, shop.admin
    shop.url, shop.admin = await opened.server(msgspec.structs.replace(own, **more))
    shop.installation.settings = msgspec.structs.replace(own, **more)
    with shop.installation.database.write() as connection:
        for table in (IDENTITIES, LINKS, USERS):
            connection.execute(delete(table))
    yield World(shop, provider)
    shop.installation.settings, shop.url, shop.admin = before, url, admin
    await Browser.close_all()


def settings(**more: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("more", [more], ids=[""])
