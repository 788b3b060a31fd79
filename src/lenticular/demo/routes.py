"""The demo's routes: the page, its state, a click on the ad, and the progress of the traffic."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from litestar import MediaType, Response, get, post
from litestar.params import JSONBody
from litestar.response import Redirect, ServerSentEvent, ServerSentEventMessage
from litestar.static_files import create_static_files_router

from lenticular.demo.bank import Demo
from lenticular.demo.sign_in import sign_in_routes
from lenticular.demo.state import View
from lenticular.profiles.profile import Shown

_PAGE = Path(__file__).parent / "page"
_PICTURES = Path(__file__).parent / "pictures"
_POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Seen(msgspec.Struct, frozen=True):
    """A click on an ad: who saw which item, at the demo's clock (ms), under which rule."""

    person: str
    item: str
    now: int | None = None
    rule: str | None = None


def demo_routes(demo: Demo) -> Sequence[Any]:
    """Return the Litestar routes of one run of the demo."""

    @get("/", include_in_schema=False)
    async def root() -> Redirect:
        """Until the bank's pages are there."""
        return Redirect("/demo")

    @get("/demo", include_in_schema=False, media_type=MediaType.HTML)
    async def page() -> Response[bytes]:
        return Response((_PAGE / "index.html").read_bytes(), headers={"content-security-policy": _POLICY})

    @get("/demo/state", include_in_schema=False)
    async def state(now: int | None = None, rule: str | None = None) -> dict[str, Any]:
        return await View(demo, rule or None, now).state()

    @post("/demo/see", include_in_schema=False, status_code=200)
    async def see(data: JSONBody[Seen]) -> dict[str, Any]:
        view = View(demo, data.rule or None, data.now)
        items = demo.shown.setdefault(data.person, {})
        known = items.get(data.item, Shown())
        items[data.item] = Shown(known.count + 1, sorted([*known.times, view.now]))
        return await view.state()

    @post("/demo/reset", include_in_schema=False, status_code=200)
    async def reset() -> dict[str, Any]:
        demo.shown.clear()
        return await View(demo, None, None).state()

    @get("/demo/stream", include_in_schema=False)
    async def stream() -> ServerSentEvent:
        return ServerSentEvent(_progress(demo))

    pictures = create_static_files_router(path="/demo/pictures", directories=[_PICTURES], include_in_schema=False)
    static = create_static_files_router(path="/demo/static", directories=[_PAGE], include_in_schema=False)
    return [root, page, state, see, reset, stream, pictures, static, *sign_in_routes(demo)]


async def _progress(demo: Demo) -> AsyncIterator[ServerSentEventMessage]:
    while True:
        body = msgspec.json.encode(demo.traffic).decode()
        yield ServerSentEventMessage(event="traffic", data=body)
        if demo.traffic.finished:
            return
        await asyncio.sleep(0.5)
