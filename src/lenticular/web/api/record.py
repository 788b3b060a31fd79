"""Round every route of the admin API: changes are noted in the audit log."""

from __future__ import annotations

import logging
from typing import Any, cast

from litestar import Request
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from lenticular.accounts.actor import Actor
from lenticular.accounts.entry import Entry
from lenticular.app.accounts.accounts import Accounts
from lenticular.errors import StoreError
from lenticular.web.api.access import ACCESS, Need

_log = logging.getLogger(__name__)


def note(request: Request[Any, Any, Any], target: str, sentence: str = "") -> None:
    """Say what a request is about, and in better words than the table has, what it did."""
    request.scope["state"]["noted"] = target, sentence


def recorder(app: ASGIApp) -> ASGIApp:
    """Return an application that notes what succeeded before it answers."""

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                await _note(scope)
            await send(message)

        await app(scope, receive, tell)

    return recording


async def _note(scope: Scope) -> None:
    what = f"{cast(HTTPScope, scope)['method']} {scope['path_template']}"
    need, actor = ACCESS.get(what), scope.get("user")
    if need is None or not need.says or not isinstance(actor, Actor):
        return
    accounts: Accounts = scope["litestar_app"].state["accounts"]
    entry = _entry(scope, accounts.clock(), what, need, actor)
    try:
        await accounts.in_store(accounts.store.note, entry)
    except StoreError as error:
        # It is done, and whoever did it must know; the server's own log keeps what the database could not.
        _log.error("Not in the audit log: %s by %s (%s).", what, entry.who_id or "no user", error.codes)


def _entry(scope: Scope, now: int, what: str, need: Need, actor: Actor) -> Entry:
    named = {name: str(value) for name, value in scope["path_params"].items()}
    target, sentence = scope["state"].get("noted", ("", ""))
    rest = "/".join(value for name, value in named.items() if name != "key")
    client = scope.get("client")
    return Entry(
        at=now,
        who=actor.author.name,
        who_id=actor.author.id,
        what=what,
        site=named.get("key", ""),
        target=target or rest,
        sentence=sentence or need.says.format_map(named),
        address=client[0] if client else "",
    )
