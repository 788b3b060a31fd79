"""`POST /v1/decide` and `GET /v1/decide?…`: raw ASGI, one decode, one encode."""

from __future__ import annotations

import logging
import re
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from lenticular.app.decide import DecideRequest, Screen, Where, decide_for
from lenticular.app.open import Installation
from lenticular.app.preview import Previews, decide_as
from lenticular.app.preview_token import PreviewError
from lenticular.app.site import LiveSite
from lenticular.criteria.explain import Explanation
from lenticular.decide.decision import Decision
from lenticular.errors import EventsUnavailableError, LenticularError, Problem, StoreError
from lenticular.web.absolute import absolute
from lenticular.web.asgi import (
    BODY_SECONDS,
    GoneError,
    Headers,
    Receive,
    Scope,
    Send,
    SlowBodyError,
    TooLargeError,
    answer,
    body_of,
    header,
    key_of,
)
from lenticular.web.counts import Counts
from lenticular.web.leaving import Leaving
from lenticular.web.reachable import reachable
from lenticular.web.sender import ReadSender

MAX_BODY = 64 * 1024
_SCREEN = re.compile(r"([0-9]{1,6})x([0-9]{1,6})")
_log = logging.getLogger(__name__)
_decode = msgspec.json.Decoder(DecideRequest).decode
_encode = msgspec.json.Encoder().encode
_OPEN: Headers = [(b"access-control-allow-origin", b"*")]
_PRIVATE: Headers = [*_OPEN, (b"cache-control", b"private, no-store")]
_PREVIEW: Headers = [*_OPEN, (b"cache-control", b"no-store"), (b"x-robots-tag", b"noindex")]
_SHARED: Headers = [*_OPEN, (b"cache-control", b"public, max-age=60"), (b"vary", b"Origin")]
_PREFLIGHT: Headers = [
    *_OPEN,
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"86400"),
]

_MORE: dict[int, Headers] = {
    405: [(b"allow", b"GET, POST, OPTIONS")],
    503: [(b"retry-after", b"2"), (b"access-control-expose-headers", b"Retry-After")],
}


class _BadMethodError(Exception):
    """Decisions are asked for with GET or POST."""


_REFUSED = (
    _BadMethodError,
    TooLargeError,
    SlowBodyError,
    msgspec.DecodeError,
    UnicodeDecodeError,
    RecursionError,
    LenticularError,
)


class DecideHandler:
    """Answers decisions for all sites of an installation."""

    def __init__(
        self,
        sites: Installation,
        read_sender: ReadSender,
        body_seconds: float = BODY_SECONDS,
        counts: Counts | None = None,
        previews: Previews | None = None,
    ) -> None:
        self._sites = sites
        self._read_sender = read_sender
        self._body_seconds = body_seconds
        self._counts = counts or Counts()
        self._leaving = Leaving()
        self._previews = previews or Previews(sites)
        sites.before_close.append(self._leaving.settle)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = perf_counter()
        method = scope["method"]
        if method == "OPTIONS":
            await answer(send, 200, b"{}", _PREFLIGHT)
            return
        try:
            asked = await self._read(scope, receive, method)
            site = self._sites.site(asked.site)
            _check(asked)
            if asked.preview:
                await self._preview(scope, send, site, asked)
                return
            trusted = self._trusted(scope, site)
            decided, events = await decide_for(site, asked, self._read_sender(scope, trusted), trusted)
            if asked.impression:
                await site.accept(events)  # what was answered for is on disk, as with every event
            else:
                self._leaving.keep(site, events)
        except GoneError:
            return
        except _REFUSED as error:
            await self._refuse(send, *_refusal(error))
            return
        for failure in decided.outcome.failures:
            _log.error(
                "A part of a decision failed; its default was shown.", exc_info=failure, extra={"site": site.key}
            )
        if not decided.outcome.answered:
            problems = decided.outcome.decision.problems or [Problem("decide", "Nothing to decide.")]
            await self._refuse(send, 404, problems[0])
            return
        shared = decided.outcome.decision.cache == "shared"
        decision = absolute(decided.outcome.decision, site, scope) if asked.render else decided.outcome.decision
        body = reachable(_body(decision, decided.why), scope, asked, self._sites.settings.url)
        await answer(send, 200, body, _SHARED if shared else _PRIVATE)
        self._counts.decision(site.key, decided.outcome.decision, perf_counter() - began)

    async def _preview(self, scope: Scope, send: Send, site: LiveSite, asked: DecideRequest) -> None:
        """Answer as a preview link says; nothing of it is kept or counted. Raises LenticularError."""
        preview = self._previews.read(asked.preview, site)
        engine = await self._previews.engine(site, preview)
        decided = await decide_as(site, engine, preview, asked, self._read_sender(scope, False))
        decision = decided.outcome.decision
        if decided.outcome.answered:
            shown = absolute(decision, site, scope) if asked.render else decision
            body = reachable(_encode(shown), scope, asked, self._sites.settings.url)
            await answer(send, 200, body, _PREVIEW)
        else:
            await _refuse(send, 404, decision.problems[0] if decision.problems else Problem("decide", "Nothing."))

    async def _refuse(self, send: Send, status: int, problem: Problem) -> None:
        self._counts.undecided[problem.code] += 1
        await _refuse(send, status, problem)

    def _trusted(self, scope: Scope, site: LiveSite) -> bool:
        """Return whether a server asks, with the site's secret key."""
        spoken = header(scope, b"authorization")
        return bool(spoken) and self._sites.by_write_key(key_of(spoken)) == (site, True)

    async def _read(self, scope: Scope, receive: Receive, method: str) -> DecideRequest:
        if method == "POST":
            return _decode(await body_of(scope, receive, False, MAX_BODY, self._body_seconds))
        if method != "GET":
            raise _BadMethodError
        return _from_query(dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)))


def _from_query(query: dict[str, str]) -> DecideRequest:
    raw: dict[str, Any] = {
        name: query[name] for name in ("site", "page", "anonymousId", "userId", "locale", "preview") if name in query
    }
    raw["slots"] = [slot for slot in query.get("slots", "").split(",") if slot]
    raw |= {
        name: query[name] not in ("", "0", "false") for name in ("explain", "impression", "render") if name in query
    }
    asked = msgspec.convert(raw, DecideRequest)
    names = ("url", "referrer", "timezone", "userAgent")
    if any(name in query for name in (*names, "screen")):
        size = _SCREEN.fullmatch(query.get("screen", ""))
        screen = Screen(float(size[1]), float(size[2])) if size else None
        where = Where(query.get("url"), query.get("referrer"), query.get("timezone"), screen, query.get("userAgent"))
        asked = msgspec.structs.replace(asked, context=where)
    return asked


def _check(asked: DecideRequest) -> None:
    if asked.page is None and not asked.slots:
        hint = 'Send "page": "/" or "slots": ["promo"], or both.'
        raise LenticularError(Problem("decide.nothing", "Neither a page nor a slot is asked for.", hint=hint))
    for name, value in (("anonymousId", asked.anonymous_id), ("userId", asked.user_id)):
        if len(value) > 255 or "\0" in value:
            raise LenticularError(Problem("decide.id", f"The {name} is not an id of at most 255 characters.", name))


def _body(decision: Decision, why: dict[str, Explanation]) -> bytes:
    return _encode({**msgspec.to_builtins(decision), "why": why}) if why else _encode(decision)


def _refusal(error: Exception) -> tuple[int, Problem]:
    """Return the status and the problem of a request that can't be answered."""
    if isinstance(error, StoreError | EventsUnavailableError):
        return 503, error.problems[0]
    if isinstance(error, PreviewError):
        return 403, error.problems[0]
    if isinstance(error, LenticularError):
        return 404 if error.problems[0].code == "site.unknown" else 400, error.problems[0]
    if isinstance(error, SlowBodyError):
        return 408, Problem("decide.slow", "The body did not come in time; send it again.")
    if isinstance(error, TooLargeError):
        return 413, Problem("decide.size", f"The body is larger than {MAX_BODY // 1024} KB.")
    if isinstance(error, _BadMethodError):
        return 405, Problem("decide.method", "Decisions are asked for with GET or POST.")
    return 400, Problem("decide.json", f"{error}.", hint='Send {"site": "…", "page": "/", "anonymousId": "…"}.')


async def _refuse(send: Send, status: int, problem: Problem) -> None:
    body: dict[str, Any] = {"code": problem.code, "message": f"{problem.message} {problem.hint}".strip()}
    if problem.place:
        body["place"] = problem.place
    await answer(send, status, body, [*_OPEN, *_MORE.get(status, ())])
