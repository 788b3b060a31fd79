"""`GET /…` of a hosted site: the decision first, then the page, in one answer."""

from __future__ import annotations

import logging
from time import perf_counter

import msgspec

from lenticular.app.archived import archived_paths
from lenticular.app.decide import Decided, DecideRequest, Where, decide_for, default_for
from lenticular.app.engine import Engine
from lenticular.app.open import Installation
from lenticular.app.preview import Previews, decide_as
from lenticular.app.preview_token import PreviewError
from lenticular.app.site import LiveSite
from lenticular.catalog.hosting import is_reserved
from lenticular.errors import EventsUnavailableError, LenticularError, StoreError
from lenticular.intake.sender import Sender
from lenticular.profiles.event import Event
from lenticular.profiles.fold import IMPRESSION
from lenticular.web.asgi import Scope, Send, header
from lenticular.web.counts import Counts
from lenticular.web.leaving import Leaving
from lenticular.web.pages.address import NOT_FOUND, Spot, find, host_of, negotiated, origin_of, site_of
from lenticular.web.pages.answer import Asked, answer_page, answer_plain, redirect, send_body
from lenticular.web.pages.query import token_in, without_token
from lenticular.web.pages.site_map import robots, site_map
from lenticular.web.pages.visitor import Caller, caller_of
from lenticular.web.sender import ReadSender

_log = logging.getLogger(__name__)
_METHODS = ("GET", "HEAD")


class PagesHandler:
    """Answers for the pages of all hosted sites of an installation."""

    def __init__(
        self,
        sites: Installation,
        read_sender: ReadSender,
        counts: Counts | None = None,
        previews: Previews | None = None,
    ) -> None:
        self._sites = sites
        self._read_sender = read_sender
        self._counts = counts or Counts()
        self._leaving = Leaving()
        self._previews = previews or Previews(sites)
        self._gone: dict[str, tuple[str, frozenset[str]]] = {}
        sites.before_close.append(self._leaving.settle)

    def site_of(self, scope: Scope) -> LiveSite | None:
        """Return the site whose pages answer a request, None if something else does."""
        if is_reserved(scope["path"]):
            return None
        return site_of(self._sites.sites.values(), host_of(scope)[0])

    async def __call__(self, site: LiveSite, scope: Scope, send: Send) -> None:
        """Answer one request. Whatever fails, the visitor gets a page."""
        asked = Asked(scope, send, site.engine, origin_of(scope, site))
        try:
            await self._answer(site, asked)
        except PreviewError as error:
            await answer_plain(asked, 403, _language(asked), error=error)
        except EventsUnavailableError as error:  # what a person did long ago, for a preview
            await answer_plain(asked, 503, _language(asked), error=error)
        except Exception:
            _log.exception("A page could not be shown.", extra={"site": site.key})
            await answer_plain(asked, 500, _language(asked))

    async def _answer(self, site: LiveSite, asked: Asked) -> None:
        scope, path = asked.scope, asked.scope["path"]
        if scope["method"] not in _METHODS:
            await send_body(asked, 405, b"Pages are asked for with GET.\n", [(b"allow", b"GET, HEAD")], b"text/plain")
        elif path == "/favicon.ico":  # browsers ask for it of themselves; a page with an icon names it
            await send_body(asked, 204, b"", [(b"cache-control", b"public, max-age=86400")], b"image/x-icon")
        elif path == "/robots.txt":
            await send_body(asked, 200, robots(asked.origin), [], b"text/plain; charset=utf-8")
        elif path == "/sitemap.xml":
            await send_body(asked, 200, site_map(asked.engine, asked.origin, site.clock()), [], b"application/xml")
        elif (token := token_in(scope["query_string"])) is not None:
            await self._preview(site, asked, token)
        else:
            await self._page(site, asked)

    async def _page(self, site: LiveSite, asked: Asked) -> None:
        began, status = perf_counter(), 200
        spot = _spot(asked)
        if isinstance(spot, str):
            await redirect(asked, spot)
            return
        if spot is None:
            status = 410 if await self._is_gone(site, asked) else 404
            spot = Spot(NOT_FOUND, _language(asked), negotiated=True)
            if asked.engine.snapshot.page(NOT_FOUND) is None:
                await answer_plain(asked, status, spot.language)
                return
        elif spot.path == NOT_FOUND:
            status = 404
        sender = self._read_sender(asked.scope, False)
        caller = caller_of(asked.scope, asked.engine.catalog.site, sender, site.new_id)
        decided = await self._decided(site, asked, spot, sender, caller)
        if decided.outcome.decision.page is None:  # its path names an item that is not there
            status, spot = 404, msgspec.structs.replace(spot, path=NOT_FOUND)
            if asked.engine.snapshot.page(NOT_FOUND) is None:
                await answer_plain(asked, status, spot.language)
                return
            decided = await self._decided(site, asked, spot, sender, caller)
        decision = site.engine.rendering().render(decided.outcome, spot.language)
        for failure in decision.failures:
            _log.error("A part of a page failed; its default was shown.", exc_info=failure, extra={"site": site.key})
        shown = msgspec.structs.replace(asked, engine=site.engine)
        await answer_page(shown, status, spot, decision.decision, caller)
        self._counts.decision(site.key, decision.decision, perf_counter() - began)

    async def _decided(self, site: LiveSite, asked: Asked, spot: Spot, sender: Sender, caller: Caller) -> Decided:
        """Return what the visitor sees; the default if that can't be said. Afterwards nothing is awaited."""
        wanted = _request(site, asked, spot, sender, caller)
        try:
            decided, events = await decide_for(site, wanted, sender, seen=wanted.impression)
            if asked.scope["method"] == "GET":
                await self._kept(site, events)
            return decided
        except Exception as error:
            codes = error.codes if isinstance(error, LenticularError) else ""
            _log.exception("A page was decided without its visitor: %s.", codes, extra={"site": site.key})
            return default_for(site, wanted, site.clock(), site.new_id())

    async def _kept(self, site: LiveSite, events: list[Event]) -> None:
        """Accept what a page leaves behind: impressions before it is sent, so that a cap holds when it is there."""
        if not any(event.name == IMPRESSION for event in events):
            self._leaving.keep(site, events)
            return
        try:
            await site.accept(events)
        except StoreError as error:
            _log.warning("What was seen on a page could not be kept: %s.", error.codes, extra={"site": site.key})

    async def _preview(self, site: LiveSite, asked: Asked, token: str) -> None:
        """Answer as a preview link says. Raises PreviewError, EventsUnavailableError."""
        preview = self._previews.read(token, site)
        engine = await self._previews.engine(site, preview)
        asked = msgspec.structs.replace(asked, engine=engine)
        persona = engine.catalog.personas.get(preview.persona or "")
        spot = _spot(asked, (persona.language if persona else None) or "")
        if isinstance(spot, str):
            await redirect(asked, spot)
            return
        status = 200 if spot is not None and spot.path != NOT_FOUND else 404
        spot = spot or Spot(NOT_FOUND, _language(asked), negotiated=True)
        if engine.snapshot.page(spot.path) is None:
            await answer_plain(asked, status, spot.language, preview=True)
            return
        sender = self._read_sender(asked.scope, False)
        wanted = DecideRequest(site=site.key, page=spot.path, explain=True, context=_where(asked))
        decided = await decide_as(site, engine, preview, wanted, sender)
        shown = engine.rendering().render(decided.outcome, spot.language)
        if shown.decision.page is None:
            await answer_plain(asked, 404, spot.language, preview=True)
            return
        await answer_page(asked, status, spot, shown.decision, Caller(), preview)

    async def _is_gone(self, site: LiveSite, asked: Asked) -> bool:
        """Return whether there was a page at an address. It is looked up once for each publication."""
        revision = asked.engine.snapshot.revision
        known, paths = self._gone.get(site.key, ("", frozenset[str]()))
        if known != revision:
            try:
                paths = await archived_paths(site)
            except StoreError:
                return False
            self._gone[site.key] = revision, paths
        path = asked.scope["path"].rstrip("/")
        first, _, rest = path[1:].partition("/")
        return path in paths or (first in asked.engine.catalog.site.locales and f"/{rest}" in paths)


def _spot(asked: Asked, language: str = "") -> Spot | str | None:
    """Return where a request leads; a `language` goes before what the browser prefers."""
    engine: Engine = asked.engine
    accept = language or header(asked.scope, b"accept-language").decode("latin-1")
    return find(asked.scope["path"], engine.snapshot, engine.catalog.site.locales, accept)


def _language(asked: Asked) -> str:
    """Return the language of a page that is not there: that of its address, else the visitor's."""
    locales = asked.engine.catalog.site.locales
    first = asked.scope["path"][1:].partition("/")[0]
    accept = header(asked.scope, b"accept-language").decode("latin-1")
    return first if first in locales else negotiated(accept, locales)


def _request(site: LiveSite, asked: Asked, spot: Spot, sender: Sender, caller: Caller) -> DecideRequest:
    """Return what is asked of the decision. Who does not call itself a browser is a machine."""
    # What a browser fetches in case it will be wanted, or only the head of, nobody has seen.
    seen = asked.scope["method"] == "GET" and b"prefetch" not in header(asked.scope, b"sec-purpose")
    where = _where(asked)
    if caller.consent is not None:
        where = msgspec.structs.replace(where, consent={"categoryPreferences": caller.consent})
    if not sender.user_agent:
        where = msgspec.structs.replace(where, bot=True)
    return DecideRequest(
        site=site.key, page=spot.path, anonymous_id=caller.anonymous_id, impression=seen, context=where
    )


def _where(asked: Asked) -> Where:
    scope = asked.scope
    host, port = host_of(scope)
    query = without_token(scope["query_string"]).decode("latin-1")
    url = f"{scope.get('scheme', 'http')}://{host}{port}{scope['path']}{'?' if query else ''}{query}"
    return Where(url=url, referrer=header(scope, b"referer").decode("latin-1") or None)
