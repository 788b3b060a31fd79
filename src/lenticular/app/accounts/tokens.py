"""Tokens for programs: made once, shown once, ended at will."""

from __future__ import annotations

import msgspec

from lenticular.accounts.actor import Actor
from lenticular.accounts.role import EVERYWHERE, Role
from lenticular.accounts.secret import hash_of, new_secret
from lenticular.accounts.token import PREFIX, Token
from lenticular.accounts.user import checked_name
from lenticular.app.accounts.accounts import Accounts
from lenticular.app.accounts.refusals import ForbiddenError
from lenticular.app.accounts.users import checked_roles
from lenticular.errors import LenticularError, Problem

_DAY = 86_400_000
_MOST = 3_660


class NewToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token to make: what it may at most, at a site or (`*`) all that its user may, and for how many days."""

    name: str
    role: Role
    site: str = EVERYWHERE
    days: int | None = None


class TokenView(msgspec.Struct, frozen=True):
    """A token, without what it consists of."""

    id: str
    name: str
    role: Role
    site: str
    user: str | None
    author: str
    created: int
    used: int | None
    expires: int | None


class GivenToken(msgspec.Struct, frozen=True):
    """A new token: `secret` is shown this once."""

    token: TokenView
    secret: str


def view(token: Token) -> TokenView:
    """Return what may be told of a token."""
    told = {name: getattr(token, name) for name in TokenView.__struct_fields__}
    return TokenView(**told)


async def make_token(accounts: Accounts, actor: Actor, new: NewToken) -> GivenToken:
    """Make a token. Raises ForbiddenError for more than who asks may, LenticularError."""
    if actor.via == "token":
        raise ForbiddenError(Problem("token.token", "A token can't make tokens.", hint="Sign in to make one."))
    name = checked_name(new.name)
    if not name:
        raise LenticularError(Problem("token.name", "A token needs a name.", "name", "Say what it is for."))
    may = actor.may_somewhere(new.role) if new.site == EVERYWHERE else actor.may(new.role, new.site)
    if not may:
        raise ForbiddenError(Problem("token.role", "A token can't do more than you.", "role"))
    checked_roles(accounts, {new.site: new.role})  # only now: its refusal names all sites
    if new.days is not None and not 1 <= new.days <= _MOST:
        raise LenticularError(Problem("token.days", f"From 1 to {_MOST:,} days, or null for ever.", "days"))
    secret, now = new_secret(PREFIX, accounts.new_id), accounts.clock()
    token = Token(
        id=accounts.new_id(),
        hash=hash_of(secret),
        name=name,
        role=new.role,
        site=new.site,
        user=actor.user,
        author=actor.author.name,
        created=now,
        expires=None if new.days is None else now + new.days * _DAY,
    )
    await accounts.in_store(accounts.store.add, token)
    return GivenToken(view(token), secret)


async def tokens(accounts: Accounts, actor: Actor) -> list[TokenView]:
    """Return the tokens of who asks; an admin of all sites sees everybody's."""
    every = await accounts.in_store(accounts.store.tokens)
    return [view(one) for one in every if _has(actor, one)]


async def end_token(accounts: Accounts, actor: Actor, identity: str) -> TokenView:
    """End a token; it opens nothing from now on. Raises ForbiddenError, LenticularError."""
    if actor.via == "token" and not actor.may_everywhere("admin"):
        raise ForbiddenError(Problem("token.token", "A token can't end tokens.", hint="Sign in to end one."))
    found = next((one for one in await tokens(accounts, actor) if one.id == identity), None)
    if found is None:
        raise LenticularError(Problem("token.unknown", "There is no such token.", hint="Look at the list of tokens."))
    await accounts.in_store(accounts.store.end_token, found.id)
    return found


def _has(actor: Actor, token: Token) -> bool:
    return actor.may_everywhere("admin") or (actor.user is not None and token.user == actor.user)
