"""Sign in, who am I, sign out; and links, which sign in too."""

from __future__ import annotations

from typing import Annotated, Any, cast

import msgspec
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, QueryParameter

from lenticular.accounts.actor import Actor
from lenticular.accounts.role import Role
from lenticular.accounts.secret import hash_of, proof_of
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.asker import actor_of as actor_of_user
from lenticular.app.accounts.links import LinkUse, LinkView, link_of, use_link
from lenticular.app.accounts.links import view as link_view
from lenticular.app.accounts.sign_in import change_password, sign_in, sign_out
from lenticular.web.api.author import Asker, actor_of
from lenticular.web.api.cookie import session_cookie, session_secret

SMALL = 16 * 1024
"""As long as a body may be of those whom nobody knows yet."""
Everywhere = Annotated[bool, QueryParameter(description="All sessions of whoever asks, on every device.")]


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """With what someone signs in."""

    email: str
    password: str


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password until now, and the one from now on."""

    old: str
    new: str


class LinkSecret(msgspec.Struct, frozen=True):
    """What stands behind the # of a link."""

    secret: str


class Me(msgspec.Struct, frozen=True):
    """Who asks: their roles by site (`*`: all sites), how they showed it, and the proof for changes in a session."""

    name: str
    email: str
    id: str
    via: str
    roles: dict[str, Role]
    csrf: str


class OpenSession(msgspec.Struct, frozen=True):
    """A browser that is signed in; `here` is the one that asks."""

    created: int
    seen: int
    expires: int
    agent: str
    here: bool


_NOTHING = ResponseSpec(None, description="The session has ended.")


class SessionController(Controller):
    """Who is signed in."""

    path = "/api/session"
    tags = ("Accounts",)
    dependencies = {"actor": Provide(actor_of)}  # noqa: RUF012  # Litestar declares it so

    @post("/", summary="Sign in", status_code=200, request_max_body_size=SMALL)
    async def sign_in(self, request: Request[Any, Any, Any], state: State, data: JSONBody[Credentials]) -> Response[Me]:
        """Begin a session, with a cookie of its own; one that the browser had ends."""
        accounts = of(state)
        secret, user = await sign_in(accounts, data.email, data.password, address_of(request), agent_of(request))
        return await _signed_in(request, accounts, secret, actor_of_user(user))

    @get("/", summary="Who am I")
    async def me(self, request: Request[Any, Any, Any], actor: Asker) -> Me:
        """Tell who asks, and what they may."""
        return _me(actor, session_secret(request) if actor.via == "session" else "")

    @get("/all", summary="Where I am signed in")
    async def sessions(self, state: State, actor: Asker) -> list[OpenSession]:
        """List the sessions of who asks, the newest first."""
        accounts = of(state)
        found = await accounts.in_store(accounts.store.sessions, actor.user or "")
        return [OpenSession(one.created, one.seen, one.expires, one.agent, one.id == actor.session) for one in found]

    @delete("/", summary="Sign out", status_code=204, responses={204: _NOTHING})
    async def sign_out(
        self, request: Request[Any, Any, Any], state: State, actor: Asker, everywhere: Everywhere = False
    ) -> Response[None]:
        """End the session, or all of them."""
        await sign_out(of(state), actor, everywhere)
        return Response(None, status_code=204, cookies=[session_cookie(request, "")])

    @put("/password", summary="Change my password", status_code=204)
    async def password(
        self, request: Request[Any, Any, Any], state: State, actor: Asker, data: JSONBody[PasswordChange]
    ) -> None:
        """Set a new password; all other sessions end."""
        await change_password(of(state), actor, data.old, data.new, address_of(request))


class LinksController(Controller):
    """What someone with a link can do."""

    path = "/api/links"
    tags = ("Accounts",)

    @post("/look", summary="What a link is for", status_code=200, request_max_body_size=SMALL)
    async def look(self, state: State, data: JSONBody[LinkSecret]) -> LinkView:
        """Tell what a link is for; it stays good."""
        return link_view(await link_of(of(state), data.secret))

    @post("/use", summary="Use a link", status_code=200, request_max_body_size=SMALL)
    async def use(self, request: Request[Any, Any, Any], state: State, data: JSONBody[LinkUse]) -> Response[Me]:
        """Come in by an invitation, set Lenticular up, or set a new password; it is used up, and a session begins."""
        accounts = of(state)
        secret, user = await use_link(accounts, data, address_of(request), agent_of(request))
        return await _signed_in(request, accounts, secret, actor_of_user(user))


def of(state: State) -> Accounts:
    """Return the accounts of the installation."""
    return cast(Accounts, state["accounts"])


def address_of(request: Request[Any, Any, Any]) -> str:
    """Return the address that a request came from."""
    return request.client.host if request.client else ""


def agent_of(request: Request[Any, Any, Any]) -> str:
    """Return what a browser calls itself."""
    return request.headers.get("user-agent", "")


def _me(actor: Actor, secret: str) -> Me:
    proof = proof_of(secret) if secret else ""
    return Me(actor.author.name, actor.email, actor.user or "", actor.via, actor.roles, proof)


async def _signed_in(request: Request[Any, Any, Any], accounts: Accounts, secret: str, actor: Actor) -> Response[Me]:
    before = session_secret(request)
    if before:
        await accounts.in_store(accounts.store.end_session, hash_of(before))
    headers = {"cache-control": "no-store"}
    return Response(_me(actor, secret), cookies=[session_cookie(request, secret)], headers=headers)
