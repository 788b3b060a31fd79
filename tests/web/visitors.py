"""People and programs at the shop's admin API: each in a browser of their own."""

from __future__ import annotations

from typing import Any, ClassVar

import httpx

from tests.web.shop import Shop

PASSWORD = "correct horse battery"


class Browser:
    """A browser with its cookies, that shows the session's proof as our own page does."""

    opened: ClassVar[list[httpx.AsyncClient]] = []

    def __init__(self, shop: Shop) -> None:
        self.http = httpx.AsyncClient(base_url=shop.url, timeout=30)
        self.proof = ""
        self.opened.append(self.http)

    @classmethod
    async def close_all(cls) -> None:
        """Close every browser."""
        while cls.opened:
            await cls.opened.pop().aclose()

    async def sign_in(self, email: str, password: str = PASSWORD) -> httpx.Response:
        """Sign in, or try to."""
        return self.took(await self.http.post("/api/session", json={"email": email, "password": password}))

    async def use(self, **link: Any) -> httpx.Response:
        """Use a link, or try to."""
        return self.took(await self.http.post("/api/links/use", json={"password": PASSWORD, **link}))

    def took(self, answer: httpx.Response) -> httpx.Response:
        """Take the proof out of an answer."""
        if answer.status_code == 200:
            self.proof = answer.json()["csrf"]
        return answer

    async def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask as our own page does."""
        return await self.http.request(method, path, json=body, headers={"x-csrf-token": self.proof})


def answered(answer: httpx.Response, status: int) -> Any:
    """Return the body of an answer that must have a status."""
    assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None


async def user(shop: Shop, email: str, /, **roles: str) -> str:
    """Add a user (`everywhere` stands for all sites); return their id."""
    given = {"*" if site == "everywhere" else site: role for site, role in roles.items()}
    body = {"email": email, "password": PASSWORD, "roles": given, "name": email.partition("@")[0]}
    return str(answered(await shop.admin.post("/api/users", json=body), 201)["id"])


async def signed_in(shop: Shop, email: str, /, **roles: str) -> Browser:
    """Return the browser of a new user."""
    await user(shop, email, **roles)
    browser = Browser(shop)
    answered(await browser.sign_in(email), 200)
    return browser


def problem(answer: httpx.Response, status: int) -> str:
    """Return the code of the first problem of an answer that must have a status."""
    return str(answered(answer, status)["problems"][0]["code"])
