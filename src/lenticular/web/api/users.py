"""What admins of all sites do with users, and the links that bring them in."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Request, delete, get, post, put
from litestar.datastructures import State
from litestar.di import Provide
from litestar.params import JSONBody, Parameter

from lenticular.app.accounts.links import GivenLink, LinkView, NewInvitation, invite, links, reset, withdraw
from lenticular.app.accounts.users import (
    NewUser,
    UserChange,
    UserView,
    add_user,
    change_user,
    remove_user,
    user_named,
    users,
)
from lenticular.app.accounts.users import view as user_view
from lenticular.web.api.author import Asker, actor_of
from lenticular.web.api.record import note
from lenticular.web.api.session import of

UserName = Annotated[str, Parameter(description="The id or the e-mail address of a user.")]
LinkId = Annotated[str, Parameter(description="The id of a link.")]


class UsersController(Controller):
    """Users and what they may."""

    path = "/api/users"
    tags = ("Accounts",)

    @get("/", summary="The users")
    async def users(self, state: State) -> list[UserView]:
        """Return all users, in the order of their e-mail addresses."""
        return await users(of(state))

    @post("/", summary="Add a user", status_code=201)
    async def add(self, request: Request[Any, Any, Any], state: State, data: JSONBody[NewUser]) -> UserView:
        """Add a user with a password; better invite them."""
        found = await add_user(of(state), data)
        note(request, found.email, f"added the user {found.email}: {_said(found.roles)}")
        return found

    @put("/{user:str}", summary="Change a user", status_code=200)
    async def change(
        self, request: Request[Any, Any, Any], state: State, user: UserName, data: JSONBody[UserChange]
    ) -> UserView:
        """Change name, roles, state or password; the last admin of all sites stays one."""
        before = user_view(await user_named(of(state), user))
        found = await change_user(of(state), user, data)
        told = [f"roles: {_said(before.roles)}, now {_said(found.roles)}"] if before.roles != found.roles else []
        told += [f"now {found.state}"] if before.state != found.state else []
        told += ["a new password"] if data.password else []
        told += [f"name: now {found.name}"] if before.name != found.name else []
        note(request, found.email, f"changed the user {found.email}: {'; '.join(told) or 'nothing'}")
        return found

    @delete("/{user:str}", summary="Remove a user", status_code=204)
    async def remove(self, request: Request[Any, Any, Any], state: State, user: UserName) -> None:
        """Remove a user; their sessions and tokens end at once."""
        found = await remove_user(of(state), user)
        note(request, found.email, f"removed the user {found.email}")

    @post(
        "/{user:str}/reset",
        summary="Make a link for a new password",
        status_code=201,
        dependencies={"actor": Provide(actor_of)},
    )
    async def reset(self, request: Request[Any, Any, Any], state: State, actor: Asker, user: UserName) -> GivenLink:
        """Return a link, good once and for a day, with which a user sets a new password."""
        found = await reset(of(state), actor, user)
        note(request, found.link.email, f"made a link to set a new password of {found.link.email}")
        return found


class InvitationsController(Controller):
    """Links that are not used yet."""

    path = "/api/invitations"
    tags = ("Accounts",)

    @get("/", summary="Links that are not used yet")
    async def links(self, state: State) -> list[LinkView]:
        """List invitations and other links that are still good, the oldest first."""
        return await links(of(state))

    @post("/", summary="Invite someone", status_code=201, dependencies={"actor": Provide(actor_of)})
    async def invite(
        self, request: Request[Any, Any, Any], state: State, actor: Asker, data: JSONBody[NewInvitation]
    ) -> GivenLink:
        """Return a link, good once and for a week, with which someone becomes a user. It is shown this once."""
        found = await invite(of(state), actor, data)
        note(request, found.link.email, f"invited {found.link.email}: {_said(found.link.roles)}")
        return found

    @delete("/{link:str}", summary="Withdraw a link", status_code=204)
    async def withdraw(self, request: Request[Any, Any, Any], state: State, link: LinkId) -> None:
        """End a link before it is used."""
        found = await withdraw(of(state), link)
        note(request, found.email, f"withdrew the {found.purpose} link of {found.email or 'nobody yet'}")


def _said(roles: Any) -> str:
    return ", ".join(f"{role} of {'all sites' if site == '*' else site}" for site, role in roles.items()) or "no role"
