"""Round every route of the admin API: changes are noted in the audit log, and nobody reads keys that they may not."""

from __future__ import annotations

import logging
from typing import Any, cast

import msgspec
from litestar import Request
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from lenticular.accounts.actor import Actor
from lenticular.accounts.entry import Entry
from lenticular.app.accounts.accounts import Accounts
from lenticular.errors import StoreError
from lenticular.web.api.access import ACCESS, Need

_log = logging.getLogger(__name__)
_SECRETS = ("secret_key", "secretKey")


def note(request: Request[Any, Any, Any], target: str, sentence: str = "") -> None:
    """Say what a request is about, and in better words than the table has, what it did."""
    request.scope["state"]["noted"] = target, sentence


def recorder(app: ASGIApp) -> ASGIApp:
    """Return an application that notes what succeeded before it answers, and hides secret keys from all but admins."""

    async def recording(scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []
        hides = False

        async def tell(message: Message) -> None:
            nonlocal hides
            if message["type"] == "http.response.start":
                if message["status"] < 400:
                    await _note(scope)
                hides = _may_hold_keys(scope, message)
            if not hides:
                await send(message)
                return
            held.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                for each in _without_keys(held):
                    await send(each)

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


def _may_hold_keys(scope: Scope, start: Message) -> bool:
    """Whether an answer is JSON about a site to someone who is no admin of it."""
    actor, site = scope.get("user"), scope["path_params"].get("key")
    if site is None or not isinstance(actor, Actor) or actor.may("admin", str(site)):
        return False
    headers: Any = start.get("headers", ())
    return any(name.lower() == b"content-type" and b"json" in value for name, value in headers)


def _without_keys(held: list[Message]) -> list[Message]:
    """Return the messages of an answer with the values of secret keys taken out."""
    body = b"".join(one["body"] for one in held if one["type"] == "http.response.body")
    if any(name.encode() in body for name in _SECRETS):
        body = msgspec.json.encode(_hidden(msgspec.json.decode(body)))
    start: Any = held[0]
    headers = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
    whole = {**start, "headers": [*headers, (b"content-length", str(len(body)).encode())]}
    last: Any = {"type": "http.response.body", "body": body, "more_body": False}
    return [whole, last]


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "" if name in _SECRETS else _hidden(one) for name, one in value.items()}
    return [_hidden(one) for one in value] if isinstance(value, list) else value
