"""What the admin API answers about visits that were: what they would have seen."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import msgspec
from litestar import Controller, Request, post
from litestar.di import Provide
from litestar.exceptions import ClientException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from lenticular.app.publishing import DraftRef
from lenticular.app.simulate import Simulated, reach, simulate
from lenticular.app.simulation import Where
from lenticular.web.api.place import AtSite, site_place
from lenticular.web.api.problems import MEDIA, ProblemDocument
from lenticular.web.api.segments import Language


class AskedSimulation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `page` by its path, a `slot` or a `collection` by its key, drafts to try out, how many days to replay.

    A draft is `{"kind", "definition", "version"}`, or in short `"segments/students"`.
    """

    page: str | None = None
    slot: str | None = None
    collection: str | None = None
    drafts: tuple[str | DraftRef, ...] = ()
    days: int = 7


class AskedReach(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A `page` by its path or a `slot` by its key, and the keys of its experiences in another order than now."""

    page: str | None = None
    slot: str | None = None
    order: tuple[str, ...] | None = None


_BUSY = {
    409: ResponseSpec(
        ProblemDocument,
        generate_examples=False,
        description="A simulation is running at this site, or a draft was changed or published meanwhile.",
        media_type=MEDIA,
    )
}


class SimulateController(Controller):
    """Visits of the last days, decided again."""

    path = "/api/sites/{key:str}"
    tags = ("Publications",)
    dependencies = {"site": Provide(site_place)}  # noqa: RUF012  # Litestar's form

    @post("/simulate", summary="What recorded visits would have seen", status_code=200, responses=_BUSY)
    async def simulate(
        self, request: Request[Any, Any, Any], site: AtSite, data: JSONBody[AskedSimulation], language: Language = "en"
    ) -> Simulated:
        """Replay visits with drafts beside what is live."""
        refs = [DraftRef(*one.partition("/")[::2]) if isinstance(one, str) else one for one in data.drafts]
        return await _while_there(
            request, simulate(site.site, Where(data.page, data.slot, data.collection), refs, data.days, language)
        )

    @post("/reach", summary="Who saw each experience in the last seven days", status_code=200, responses=_BUSY)
    async def reach(
        self, request: Request[Any, Any, Any], site: AtSite, data: JSONBody[AskedReach], language: Language = "en"
    ) -> Simulated:
        """Count the visits that each experience reaches, in the live order and in another one."""
        return await _while_there(request, reach(site.site, Where(data.page, data.slot), data.order, language))


async def _while_there(request: Request[Any, Any, Any], work: Coroutine[Any, Any, Simulated]) -> Simulated:
    """Return what comes out; stop as soon as nobody waits for it."""
    going, gone = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        either: set[asyncio.Future[Any]] = {going, gone}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if going.done():
            return going.result()
        raise ClientException("Nobody waits for it any more.", status_code=499)
    finally:
        for one in (going, gone):
            one.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await one


async def _gone(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
