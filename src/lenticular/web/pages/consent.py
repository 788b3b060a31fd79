"""`POST /lenticular/consent`: what a visitor answers on a hosted page, kept as the tag keeps it."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from litestar import Request, Response, post, route
from litestar.datastructures import Cookie, State
from litestar.exceptions import ClientException, PermissionDeniedException

from lenticular.web.asgi import Scope
from lenticular.web.collect import SiteDoor, collect_one
from lenticular.web.form import DoorOf
from lenticular.web.packed import READ, Packed, packed_answer
from lenticular.web.pages.frame import CONSENT, NO, SCRIPT
from lenticular.web.pages.query import token_in, without_token
from lenticular.web.pages.visitor import CONSENT as COOKIE
from lenticular.web.pages.visitor import ID, SECONDS, consent_in, id_in
from lenticular.web.sender import ReadSender

_SCRIPT = b"""// With a script the tag lets go of what it keeps in this browser, too, before the form is sent.
addEventListener("submit", (event) => {
  const refused = event.submitter?.name === "answer" && event.submitter.value === "00";
  if (refused && event.target.matches('[action="/lenticular/consent"]')) window.lenticular?.consent?.(false);
});
"""
_MOST = 4 * 1024
_DAY = "public, max-age=86400, stale-while-revalidate=604800"
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")


def consent_route(door_of: DoorOf, read_sender: ReadSender) -> Any:
    """Return the route; `door_of` gives the door of a site by its key, as for its public key."""

    @post(CONSENT, include_in_schema=False, status_code=303, request_max_body_size=_MOST)
    async def consent(request: Request[Any, Any, State]) -> Response[None]:
        """Take one answer."""
        if not _from_here(request):
            raise PermissionDeniedException("Only a page of this site can take its visitors' answer.")
        fields = _fields(await request.body())
        said = fields.get("answer", "")
        door = door_of(fields.get("site", ""))
        if consent_in(said) is None or door is None:
            raise ClientException("The form says neither of which site it is nor what was answered.")
        where, preview = _back(request)
        secure = request.url.scheme == "https"
        cookies = [Cookie(COOKIE, value=said, max_age=SECONDS, samesite="lax", secure=secure)]
        if not preview:
            await _tell(request, door, said, read_sender)
        if said == NO:
            cookies.append(Cookie(ID, value="", max_age=0, samesite="lax", secure=secure))
        headers = {"location": where, "cache-control": "no-store"}
        return Response(None, status_code=303, headers=headers, cookies=[] if preview else cookies)

    return consent


@route(SCRIPT, http_method=READ, include_in_schema=False)
async def consent_script(request: Request[Any, Any, State]) -> Response[bytes]:
    """Return what the pages that ask load beside the tag."""
    return packed_answer(request, _packed(), "text/javascript", _DAY)


@cache
def _packed() -> Packed:
    return Packed(_SCRIPT, gzip.compress(_SCRIPT, mtime=0), hashlib.sha256(_SCRIPT).hexdigest()[:12])


async def _tell(request: Request[Any, Any, State], door: SiteDoor, said: str, read_sender: ReadSender) -> None:
    """Tell the visitor's profile, if they have one, as the tag does when an answer changes."""
    known = id_in(request.cookies.get(ID, ""))
    before = request.cookies.get(COOKIE, "")
    if not known or before in (NO, said):
        return
    message = {
        "event": "Consent Given" if said != NO else "Consent Withdrawn",
        "anonymousId": known,
        "context": {"consent": {"categoryPreferences": consent_in(said)}},
    }
    await collect_one(door, message, read_sender(cast(Scope, request.scope), False))


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode("utf-8"), max_num_fields=10))
    except ValueError:
        raise ClientException("This is not what a form sends.") from None


def _from_here(request: Request[Any, Any, State]) -> bool:
    """Return whether a page of the same origin sends this (Fetch Metadata; RFC 6454, 7, for older browsers)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or origin.partition("://")[2] == request.headers.get("host")


def _back(request: Request[Any, Any, State]) -> tuple[str, bool]:
    """Return the path and query of the page that was answered on, and whether it is a preview."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/", False
    query = came.query.encode("utf-8", "replace")
    if came.netloc != request.headers.get("host"):
        return "/", False
    if token_in(query) is not None:
        return f"{came.path}?{came.query}", True
    rest = without_token(query).decode("latin-1")
    where = f"{came.path}?{rest}" if rest else came.path
    return (where if _LOCAL.fullmatch(where) else "/"), False
