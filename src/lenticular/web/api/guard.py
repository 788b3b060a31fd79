"""Who is let in: a signed-in browser, a token, or whoever can read server.json; and whether they may do this."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, cast

from litestar.connection import ASGIConnection, Request
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Guard, HTTPScope

from lenticular.accounts.actor import COMMAND_LINE, Actor
from lenticular.accounts.secret import proof_of
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.asker import by_session, by_token
from lenticular.app.accounts.refusals import ForbiddenError
from lenticular.errors import LenticularError, Problem
from lenticular.web.api.access import ACCESS, OF_KEYS, Need
from lenticular.web.api.cookie import session_secret
from lenticular.web.asgi import BODY_SECONDS

PROOF = "x-csrf-token"
_SAFE = ("GET", "HEAD", "OPTIONS")
_UNAUTHORIZED = (
    "Sign in, or send a token, Authorization: Bearer …. "
    "`lenticular serve` prints the admin token; server.json in the data folder has it."
)
Asked = ASGIConnection[Any, Any, Any, Any]


def is_admin_token(connection: Asked, token: str) -> bool:
    """Return whether a request shows the admin token."""
    return secrets.compare_digest(_bearer(connection).encode("utf-8", "replace"), token.encode())


def guard_of(accounts: Accounts, token: str) -> Guard:
    """Return the guard of the admin API; `token` is that of server.json."""

    async def guard(connection: Asked, handler: BaseRouteHandler) -> None:
        need = need_of(connection)
        if need is None:
            raise ForbiddenError(Problem("access", "Nobody may ask this."))
        if need.where == "public":
            _refuse_forms(connection)
            await _read_soon(connection)
            return
        actor = await who_asks(connection, accounts, token)
        if actor is None:
            raise NotAuthorizedException(_UNAUTHORIZED)
        if actor.via == "session":
            _refuse_forged(connection)
        _refuse_too_much(actor, need, connection.path_params)
        connection.scope["user"] = actor

    return guard


def need_of(connection: Asked) -> Need | None:
    """Return what the route of a request needs, None if nothing says so."""
    return ACCESS.get(f"{_method(connection)} {connection.scope['path_template']}")


def _method(connection: Asked) -> str:
    return str(cast(HTTPScope, connection.scope)["method"])


async def who_still(connection: Asked, accounts: Accounts, actor: Actor) -> Actor | None:
    """Return who has an answer that takes long open, as of now; None if nothing lets them in any more.

    That is no use of a session: it goes on to become idle. Raises StoreError.
    """
    if actor.via == "admin-token":
        return actor
    if actor.via == "token":
        return await by_token(accounts, _bearer(connection), uses=False)
    return await by_session(accounts, session_secret(connection), uses=False)


async def who_asks(connection: Asked, accounts: Accounts, token: str) -> Actor | None:
    """Return who asks. What stands in `Authorization` counts alone: a wrong token is not made good by a cookie."""
    if "authorization" in connection.headers:
        given = _bearer(connection)
        if is_admin_token(connection, token):
            return COMMAND_LINE
        return await by_token(accounts, given) if given.startswith("lt_") else None
    secret = session_secret(connection)
    return await by_session(accounts, secret) if secret else None


def _bearer(connection: Asked) -> str:
    return connection.headers.get("authorization", "").removeprefix("Bearer ").strip()


def _refuse_forged(connection: Asked) -> None:
    """Refuse a change that another site's page may have made a browser ask for (CSRF)."""
    if _method(connection) in _SAFE:
        return
    given = connection.headers.get(PROOF, "").encode("utf-8", "replace")
    if not secrets.compare_digest(given, proof_of(session_secret(connection)).encode()):
        hint = "Send X-CSRF-Token with `csrf` of GET /api/session."
        raise ForbiddenError(Problem("csrf", "The proof that this comes from our own page is missing.", hint=hint))


def _refuse_forms(connection: Asked) -> None:
    """Refuse what a form of another site could send: it would sign people in as somebody else."""
    if _method(connection) in _SAFE:
        return
    if connection.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        hint = "Send Content-Type: application/json."
        raise ForbiddenError(Problem("csrf", "This takes JSON alone, and it must say so.", hint=hint))


async def _read_soon(connection: Asked) -> None:
    """Have the body of someone unknown in time, or refuse it: what a handler reads has no end of its own."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            await cast(Request[Any, Any, Any], connection).body()
    except TimeoutError:
        raise HTTPException("The body did not come in time.", status_code=408) from None


def _refuse_too_much(actor: Actor, need: Need, named: dict[str, Any]) -> None:
    """Refuse what someone may not do; of a site that they may not see they don't learn whether it is there."""
    if need.where == "signed-in":
        return
    site = str(named.get("key", ""))
    if site and not actor.may("viewer", site):
        raise LenticularError(Problem("site.unknown", f"There is no site {site!r}.", hint="GET /api/sites lists them."))
    role = "admin" if named.get("kind") == OF_KEYS else need.role
    may = actor.may_everywhere(role) if need.where == "everywhere" else actor.may(role, site)
    if not may:
        where = "all sites" if need.where == "everywhere" else f"the site {site}"
        hint = f"It takes the role {role} for {where}."
        raise ForbiddenError(Problem("access.role", "You may not do this.", hint=hint))
