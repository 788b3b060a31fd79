"""Links: to set the installation up, to invite, to set a new password. Each is good once, and for a while."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.accounts.actor import Actor
from lenticular.accounts.link import LASTS, PREFIX, Link, Purpose
from lenticular.accounts.password import checked_password
from lenticular.accounts.role import EVERYWHERE, Role
from lenticular.accounts.secret import hash_of, new_secret
from lenticular.accounts.user import User, checked_email, checked_name
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.sign_in import begin_session, refuse_passwords
from lenticular.app.accounts.users import checked_roles, user_named
from lenticular.errors import ConflictError, LenticularError, Problem


class LinkView(msgspec.Struct, frozen=True):
    """A link that is not used yet, without its secret."""

    id: str
    purpose: Purpose
    email: str
    roles: dict[str, Role]
    author: str
    created: int
    expires: int


class NewInvitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to invite, and what they may then: roles by site, `*` for all sites."""

    email: str
    roles: dict[str, Role]


class GivenLink(msgspec.Struct, frozen=True):
    """A new link: `secret` is shown this once. `path` is where it leads on this server."""

    link: LinkView
    secret: str
    path: str


class LinkUse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the person with a link says: a password; for an invitation a name; to set up, their e-mail address too."""

    secret: str
    password: str
    name: str = ""
    email: str = ""


def view(link: Link) -> LinkView:
    """Return what may be told of a link."""
    return LinkView(link.id, link.purpose, link.email, link.roles, link.author, link.created, link.expires)


async def invite(accounts: Accounts, actor: Actor, new: NewInvitation) -> GivenLink:
    """Make a link with which someone comes in. Raises LenticularError, ConflictError if they are in already."""
    email = checked_email(new.email)
    if await accounts.in_store(accounts.store.user_by_email, email) is not None:
        raise ConflictError(Problem("user.taken", f"There is a user {email} already.", "email"))
    return await _give(accounts, actor, "invitation", email=email, roles=checked_roles(accounts, new.roles))


async def reset(accounts: Accounts, actor: Actor, name: str) -> GivenLink:
    """Make a link with which a user sets a new password; earlier ones end. Raises LenticularError."""
    refuse_passwords(accounts)
    user = await user_named(accounts, name)
    await accounts.in_store(accounts.store.end_links, "reset", user.id)
    return await _give(accounts, actor, "reset", email=user.email, user=user.id)


async def set_up(accounts: Accounts, actor: Actor) -> GivenLink | None:
    """Make the link that makes its user the first admin, None if there are users. Earlier ones end."""
    async with accounts.changing:
        await accounts.in_store(accounts.store.end_links, "setup", None)
        if await accounts.in_store(accounts.store.users):
            return None
        return await _give(accounts, actor, "setup", roles={EVERYWHERE: "admin"})


async def links(accounts: Accounts) -> list[LinkView]:
    """Return the links that can still be used, the oldest first."""
    now = accounts.clock()
    return [view(one) for one in await accounts.in_store(accounts.store.links) if now < one.expires]


async def withdraw(accounts: Accounts, identity: str) -> LinkView:
    """End a link. Raises LenticularError."""
    found = next((one for one in await links(accounts) if one.id == identity), None)
    if found is None:
        raise LenticularError(Problem("link.unknown", "There is no such link.", hint="It was used, or has expired."))
    await accounts.in_store(accounts.store.end_link, found.id)
    return found


async def link_of(accounts: Accounts, secret: str) -> Link:
    """Return the link of a secret. Raises LenticularError."""
    found = await accounts.in_store(accounts.store.link, hash_of(secret))
    if found is None or accounts.clock() >= found.expires:
        raise _spent()
    return found


async def use_link(accounts: Accounts, use: LinkUse, address: str, agent: str) -> tuple[str, User]:
    """Do what a link is for; return the secret of a new session, and whose it is. Raises LenticularError."""
    link = await link_of(accounts, use.secret)
    if link.purpose != "setup":
        refuse_passwords(accounts)
    email = checked_email(use.email) if link.purpose == "setup" else link.email
    password, name = checked_password(use.password, email), checked_name(use.name)
    hashed = await accounts.hashed(password)
    async with accounts.changing:
        user = await _user_of(
            accounts, link, User(accounts.new_id(), email, name, hashed, accounts.clock(), link.roles)
        )
        if not await accounts.in_store(accounts.store.put_user, user, link.hash):
            raise _spent()
        await accounts.in_store(accounts.store.end_sessions, user.id)
    said = {"setup": "set Lenticular up", "invitation": "accepted an invitation", "reset": "set a new password"}
    await accounts.note(user.email, f"link.{link.purpose}", user.email, f"{said[link.purpose]} by a link", address)
    return await begin_session(accounts, user, address, agent), user


async def _user_of(accounts: Accounts, link: Link, new: User) -> User:
    """Return whom a link is about, as they are to be. Only while users don't change."""
    if link.purpose == "setup":
        there = await accounts.in_store(accounts.store.users)
        if there:
            raise _spent()
    if link.purpose != "reset":
        return new
    user = await accounts.in_store(accounts.store.user, link.user or "")
    if user is None or user.state != "active":
        raise _spent()
    return msgspec.structs.replace(user, password=new.password)


async def _give(accounts: Accounts, actor: Actor, purpose: Purpose, **more: Any) -> GivenLink:
    secret, now = new_secret(PREFIX, accounts.new_id), accounts.clock()
    given: dict[str, Any] = {"email": "", "roles": {}, "user": None, **more}
    link = Link(
        id=accounts.new_id(),
        hash=hash_of(secret),
        purpose=purpose,
        author=actor.author.name,
        created=now,
        expires=now + LASTS[purpose],
        **given,
    )
    await accounts.in_store(accounts.store.add, link)
    return GivenLink(view(link), secret, f"/join#{secret}")


def _spent() -> LenticularError:
    hint = "Ask whoever gave it to you for a new one."
    return LenticularError(Problem("link.unknown", "This link was used, or has expired.", hint=hint))
