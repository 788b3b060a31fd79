"""The stream that open screens listen to: Server-Sent Events (html.spec.whatwg.org, 9.2), and who edits what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, cast

import msgspec
from litestar import Controller, Request, get, post
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody, QueryParameter
from litestar.response import Stream as StreamedResponse

from lenticular.accounts.actor import Actor
from lenticular.app.stream.notice import Listener, Notice
from lenticular.app.stream.presence import Present
from lenticular.catalog.check import is_key
from lenticular.catalog.compose import struct_of
from lenticular.errors import CatalogError, Problem, StoreError
from lenticular.web.api.author import Asker, actor_of
from lenticular.web.api.guard import who_still
from lenticular.web.api.place import AtSite, SitePlace, site_place
from lenticular.web.api.session import of
from lenticular.web.asgi import ABORT

LastId = Annotated[
    str, HeaderParameter(name="Last-Event-ID", description="The id of the last notice: what came since is told first.")
]
Seconds = Annotated[int | None, QueryParameter(description="End after so many seconds; 0: say what waits, and end.")]
MEDIA = "text/event-stream"
BEAT = 15.0
"""Seconds without a word after which a comment shows that the connection is alive."""
LOOK = 5.0
"""Seconds between two looks whether whoever listens still may."""
_END = Notice("end", b'{"reason":"access"}')
_SPEC = ResponseSpec(str, media_type=MEDIA, generate_examples=False, description="Notices, as long as both sides stay.")


class Editing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A definition that someone has open in an editor, in a tab (any name that only this tab has).

    Say so every 20 seconds; with `open: false` when it is closed.
    """

    kind: str
    definition: str
    tab: str
    open: bool = True


class Editors(msgspec.Struct, frozen=True):
    """Who has the same definition open, with whoever asks."""

    editing: list[Present]


class StreamController(Controller):
    """What happens at a site, while a screen is open."""

    path = "/api/sites/{key:str}"
    tags = ("Stream",)
    dependencies = {"site": Provide(site_place), "actor": Provide(actor_of)}  # noqa: RUF012  # Litestar's form

    @get("/stream", summary="What happens at a site, as it happens", media_type=MEDIA, responses={200: _SPEC})
    async def stream(
        self,
        request: Request[Any, Any, Any],
        state: State,
        site: AtSite,
        actor: Asker,
        last_id: LastId = "",
        seconds: Seconds = None,
    ) -> StreamedResponse:
        """Tell of publications, jobs, drafts, who edits what, and live counts."""
        at = site.site
        abort = cast(Callable[[], None], request.scope.get(ABORT, _nothing))
        listener = at.stream.listen(actor.user or actor.author.name, last_id, abort)

        async def may() -> bool:
            try:
                now = await who_still(request, of(state), actor)
            except StoreError:
                return True  # looked at again soon
            return now is not None and now.may("viewer", at.key)

        async def told() -> AsyncIterator[bytes]:
            try:
                listener.writing = None
                async for piece in _told(listener, may, seconds):
                    listener.writing = asyncio.get_running_loop().time()
                    yield piece
                    listener.writing = None
            finally:
                at.stream.leave(listener)

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamedResponse(told(), media_type=MEDIA, headers=headers)

    @post("/editing", summary="Say that a definition is open in an editor", status_code=200)
    async def editing(self, site: AtSite, actor: Asker, data: JSONBody[Editing]) -> Editors:
        """Note who edits what, and return who else does."""
        presence, present = site.site.stream.presence, await _present(site, actor, data)
        (presence.here if data.open else presence.gone)(present)
        return Editors(presence.at(present.kind, present.key))


async def _told(listener: Listener, may: Callable[[], Any], seconds: int | None) -> AsyncIterator[bytes]:
    """Yield what is sent to a listener."""
    now = asyncio.get_running_loop().time
    end = None if seconds is None else now() + max(0, min(seconds, 86_400))
    spoken = looked = now()
    yield f"retry: 2000\nid: {listener.begin}\n\n".encode()
    while True:
        until = min(spoken + BEAT, looked + LOOK, *([] if end is None else [end]))
        for notice in await listener.next(max(0.0, until - now())):
            spoken = now()
            yield notice.wire
        if listener.over or (end is not None and now() >= end):
            return
        if now() >= looked + LOOK:
            looked = now()
            if not await may():
                yield _END.wire
                return
        if now() >= spoken + BEAT:
            spoken = now()
            yield b": here\n\n"


async def _present(place: SitePlace, actor: Actor, given: Editing) -> Present:
    struct_of(given.kind)
    if not 0 < len(given.tab) <= 100:
        raise CatalogError(Problem("editing.tab", "A tab has a name of 1 to 100 characters.", "tab", "Make one up."))
    site = place.site
    found = await site.in_store(site.stores.catalogs.find, site.key, given.kind, given.definition)
    if found is None and not is_key(given.kind, given.definition):
        raise CatalogError(Problem("catalog.key", "This is no key.", "definition", "Name a definition by id or key."))
    key, identity = (found.key, found.id) if found else (given.definition, "")
    return Present(given.kind, key, identity, actor.author.name, actor.user or "", given.tab, 0)


def _nothing() -> None:
    """There is no connection that could be cut."""
