"""Users: add, change, remove. There is always an admin of all sites, once there was one."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lenticular.accounts.password import checked_password
from lenticular.accounts.role import EVERYWHERE, Role, Roles
from lenticular.accounts.user import User, UserState, checked_email, checked_name
from lenticular.app.accounts.accounts import Accounts
from lenticular.errors import ConflictError, LenticularError, Problem


class UserView(msgspec.Struct, frozen=True):
    """A user; `roles` are by site, `*` stands for all sites. `password`: whether they have set one."""

    id: str
    email: str
    name: str
    state: UserState
    created: int
    roles: dict[str, Role]
    password: bool


class NewUser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user to add. An invitation (`POST /api/invitations`) lets them choose their password themselves."""

    email: str
    password: str
    roles: dict[str, Role]
    name: str = ""


class UserChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different about a user; what is left out, or null, stays. A new password ends their sessions."""

    name: str | None = None
    state: UserState | None = None
    roles: dict[str, Role] | None = None
    password: str | None = None


def view(user: User) -> UserView:
    """Return what may be told of a user."""
    return UserView(user.id, user.email, user.name, user.state, user.created, user.roles, bool(user.password))


def checked_roles(accounts: Accounts, roles: Roles) -> dict[str, Role]:
    """Return roles, each at a site that there is, or at all. Raises LenticularError."""
    known = {*accounts.installation.sites, *accounts.installation.closed, EVERYWHERE}
    for site in roles:
        if site not in known:
            hint = f"Known: {', '.join(sorted(known))}; {EVERYWHERE} stands for all sites."
            raise LenticularError(Problem("role.site", f"There is no site {site!r}.", f"roles/{site}", hint))
    return dict(roles)


async def users(accounts: Accounts) -> list[UserView]:
    """Return all users. Raises StoreError."""
    return [view(one) for one in await accounts.in_store(accounts.store.users)]


async def user_named(accounts: Accounts, name: str) -> User:
    """Return a user by their id or e-mail address. Raises LenticularError."""
    every = await accounts.in_store(accounts.store.users)
    found = [one for one in every if one.id == name] or [one for one in every if one.email.lower() == name.lower()]
    if not found:
        raise LenticularError(Problem("user.unknown", "There is no such user.", hint="Look at the list of users."))
    return found[0]


async def add_user(accounts: Accounts, new: NewUser) -> UserView:
    """Add a user. Raises LenticularError for what is wrong, ConflictError if there is one of the address already."""
    email, roles = checked_email(new.email), checked_roles(accounts, new.roles)
    name = checked_name(new.name)
    hashed = await accounts.hashed(checked_password(new.password, email))
    user = User(accounts.new_id(), email, name, hashed, accounts.clock(), roles)
    async with accounts.changing:
        await accounts.in_store(accounts.store.put_user, user)
        await accounts.in_store(accounts.store.end_links, "setup", None)
    return view(user)


async def change_user(accounts: Accounts, name: str, change: UserChange) -> UserView:
    """Change a user. Who is disabled, or has another password, is signed out. Raises LenticularError, ConflictError."""
    user = await user_named(accounts, name)
    hashed = None
    if change.password is not None:
        hashed = await accounts.hashed(checked_password(change.password, user.email))
    async with accounts.changing:
        user = await user_named(accounts, user.id)
        after = msgspec.structs.replace(
            user,
            name=user.name if change.name is None else checked_name(change.name),
            state=change.state or user.state,
            roles=user.roles if change.roles is None else checked_roles(accounts, change.roles),
            password=hashed or user.password,
        )
        await _keep_an_admin(accounts, user, [after])
        await accounts.in_store(accounts.store.put_user, after)
        if hashed or after.state != "active":
            await accounts.in_store(accounts.store.end_sessions, user.id)
            await accounts.in_store(accounts.store.end_links, "reset", user.id)
    return view(after)


async def remove_user(accounts: Accounts, name: str) -> User:
    """Remove a user: their sessions and tokens end at once. Raises LenticularError, ConflictError."""
    async with accounts.changing:
        user = await user_named(accounts, name)
        await _keep_an_admin(accounts, user, [])
        await accounts.in_store(accounts.store.remove_user, user.id)
    return user


async def keeps_an_admin(accounts: Accounts, before: User, after: Iterable[User]) -> bool:
    """Return whether somebody could still change users after a change of a user."""
    others = [one for one in await accounts.in_store(accounts.store.users) if one.id != before.id]
    return not before.rules_all or any(one.rules_all for one in (*others, *after))


async def _keep_an_admin(accounts: Accounts, before: User, after: Iterable[User]) -> None:
    """Refuse a change of a user after which nobody could change users any more."""
    if not await keeps_an_admin(accounts, before, after):
        hint = "Make someone else an admin of all sites first."
        raise ConflictError(Problem("user.last-admin", "This is the last admin of all sites.", hint=hint))
