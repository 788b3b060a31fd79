"""A shop's page on an origin of its own, in real Chromium, with Segment's browser library out of its package."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import BrowserContext, Page, async_playwright

from lenticular.web.asgi import Receive, Scope, Send
from tests.clients.client import HERE
from tests.clients.install import CLIENTS
from tests.demo.test_browser import CHROMIUM, QUIET
from tests.web.serving import serving

UMD = CLIENTS / "node" / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36"
"""What people's Chromium says: it must not look like a robot's."""
PATH = "/café?utm_source=boletim&utm_campaign=Natal&q=p%C3%A3o"


class Shop:
    """A browser that is at the shop; `wrong` is what its console and its network complain of, `asked` its requests."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.context, self.url = context, url
        self.wrong: list[str] = []
        self.asked: list[tuple[str, str]] = []

    async def open(self, path: str = PATH) -> Page:
        """Open a page, as if it had been found with a search engine."""
        page = await self.context.new_page()
        self._watch(page)
        await page.goto(self.url + path, referer="https://www.google.com/")
        return page

    def _watch(self, page: Page) -> None:
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("requestfailed", lambda request: self.wrong.append(f"{request.method} {request.url}: failed"))
        page.on("request", lambda request: self.asked.append((request.method, request.url)))


async def tell(page: Page, host: str, key: str, calls: list[list[Any]], **options: Any) -> None:
    """Load the library, and tell these calls."""
    await page.evaluate("([host, key, options]) => load(host, key, options)", [host, key, options])
    await page.evaluate("(calls) => tell(calls)", calls)


async def _files(scope: Scope, receive: Receive, send: Send) -> None:
    name = scope["path"].removeprefix("/umd/")
    is_script = scope["path"].startswith("/umd/") and (UMD / name).is_file()
    body = (UMD / name if is_script else HERE / "page.html").read_bytes()
    kind = b"text/javascript" if is_script else b"text/html"
    headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def shop() -> AsyncIterator[Shop]:
    """Yield a browser at the shop."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-sync", *QUIET]
    async with serving(_files) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        context = await browser.new_context(
            locale="pt-BR", timezone_id="America/Sao_Paulo", user_agent=AGENT.format(browser.version.split(".")[0])
        )
        yield Shop(context, url)
        await browser.close()
