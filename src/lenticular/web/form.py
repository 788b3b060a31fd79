"""`POST /lenticular/form`: what a form block sends without a script becomes an event, and the visitor moves on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.exceptions import ClientException

from lenticular.web.asgi import Scope
from lenticular.web.collect import SiteDoor, collect_one
from lenticular.web.pages.query import token_in
from lenticular.web.sender import ReadSender

MOST = 32 * 1024
_FIELDS = 100
_COOKIE = "lenticular_id"
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\]*")
DoorOf = Callable[[str], SiteDoor | None]


def form_route(door_of: DoorOf, read_sender: ReadSender) -> Any:
    """Return the route; `door_of` gives the door of a site by its key, as for its public key."""

    @post("/lenticular/form", include_in_schema=False, status_code=303, request_max_body_size=MOST)
    async def form(request: Request[Any, Any, State]) -> Response[None]:
        """Take one form."""
        fields = dict(_pairs(await request.body()))
        door = door_of(fields.get("_site", ""))
        if door is None or not fields.get("_event"):
            raise ClientException("The form says neither of which site it is nor which event it sends.")
        came_from = _came_from(request)
        message = {
            "event": fields["_event"],
            "properties": _properties(fields),
            "anonymousId": _anonymous(request.cookies, door),
            "context": {"page": {"url": came_from}} if came_from else {},
        }
        if token_in(urlsplit(came_from).query.encode("utf-8", "replace")) is None:  # a preview leaves nothing behind
            await collect_one(door, message, read_sender(cast(Scope, request.scope), False))
        return Response(None, status_code=303, headers={"location": _next(fields, came_from, request)})

    return form


def _came_from(request: Request[Any, Any, State]) -> str:
    """Return the address of the form's page, empty for none or for what is no address."""
    told = request.headers.get("referer", "")
    try:
        urlsplit(told)
    except ValueError:
        return ""
    return told


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        raise ClientException("This is not what a form sends.") from None


def _properties(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the event's fields; which of them are numbers or yes and no, the form says itself."""
    found: dict[str, Any] = {name: value for name, value in fields.items() if not name.startswith("_")}
    for name in fields.get("_flags", "").split():
        found[name] = name in fields
    for name in fields.get("_numbers", "").split():
        try:
            found[name] = float(fields[name])
        except (KeyError, ValueError):
            found.pop(name, None)
    return found


def _anonymous(cookies: Mapping[str, str], door: SiteDoor) -> str:
    """Return the visitor's id, that of the tag's cookie; who has none is somebody new."""
    known = cookies.get(_COOKIE, "")
    return known if _ID.fullmatch(known) else f"form-{door.new_id()}"


def _next(fields: Mapping[str, str], came_from: str, request: Request[Any, Any, State]) -> str:
    """Return where to go on: a path of this site, for a form must not lead people to any place written into it."""
    thanks = fields.get("_thanks", "")
    if _LOCAL.fullmatch(thanks):
        return thanks
    back = urlsplit(came_from)
    local = back.path if back.netloc == request.headers.get("host") else ""
    return local if _LOCAL.fullmatch(local) else "/"
