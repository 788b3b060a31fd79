"""`GET /lenticular/seen`: a picture of one pixel that only browsers without scripts load. It counts what a page shows.

With a script the tag counts what was really in view, and never loads this.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, cast
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import ClientException
from markupsafe import escape

from lenticular.decide.decision import Decision
from lenticular.decide.shown_at import shown_at
from lenticular.profiles.fold import IMPRESSION
from lenticular.web.asgi import Scope
from lenticular.web.collect import collect_one
from lenticular.web.form import DoorOf
from lenticular.web.pages.frame import NO
from lenticular.web.pages.visitor import CONSENT, ID, id_in, is_machine
from lenticular.web.sender import ReadSender

SEEN = "/lenticular/seen"
_MOST = 100
_PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_Text = Annotated[str, msgspec.Meta(max_length=200)]
_decode = msgspec.json.Decoder(Annotated[list[dict[_Text, _Text]], msgspec.Meta(max_length=_MOST)]).decode


def pixel(site: str, decision: Decision) -> str:
    """Return the element for the end of a page's body; empty for a page without items."""
    lists = [one.items for one in decision.page.blocks] if decision.page else []
    lists += [one.items for one in decision.slots.values()]
    keys = list(dict.fromkeys(item.key for items in lists for item in items))[:_MOST]
    if not keys:
        return ""
    items = [{"item": key, **shown_at(key, decision)} for key in keys]
    query = urlencode({"site": site, "decision": decision.id, "items": msgspec.json.encode(items)})
    return f'<noscript><img src="{SEEN}?{escape(query)}" alt="" width="1" height="1"></noscript>\n'


def seen_route(door_of: DoorOf, read_sender: ReadSender) -> Any:
    """Return the route; `door_of` gives the door of a site by its key, as for its public key."""

    @get(SEEN, include_in_schema=False)
    async def seen(request: Request[Any, Any, State]) -> Response[bytes]:
        """Count what was shown, once for each decision and item."""
        asked = dict(request.query_params)
        decision, items = str(asked.get("decision", "")), str(asked.get("items", ""))
        door, sender = door_of(str(asked.get("site", ""))), read_sender(cast(Scope, request.scope), False)
        try:
            told = _decode(items)
        except (msgspec.DecodeError, UnicodeEncodeError):
            told = []
        if door is None or not decision or not told or not all(one.get("item") for one in told):
            raise ClientException("This says neither of which site it is nor what was seen.")
        who = id_in(request.cookies.get(ID, "")) if request.cookies.get(CONSENT) != NO else ""
        messages = [
            {
                "event": IMPRESSION,
                "messageId": f"{decision}:{one['item']}",
                "properties": {**one, "decision": decision},
                "anonymousId": who,
            }
            for one in told
        ]
        if who and not is_machine(sender):  # all at once: they share one write to the disk
            await asyncio.gather(*(collect_one(door, message, sender) for message in messages))
        return Response(_PIXEL, media_type="image/gif", headers={"cache-control": "no-store"})

    return seen
