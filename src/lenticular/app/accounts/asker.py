"""Who asks, by what they show."""

from __future__ import annotations

import contextlib

from lenticular.accounts.actor import Actor
from lenticular.accounts.role import limited
from lenticular.accounts.secret import hash_of
from lenticular.accounts.session import NOTED, is_open
from lenticular.accounts.token import is_valid
from lenticular.accounts.user import User
from lenticular.app.accounts.accounts import Accounts
from lenticular.catalog.author import Author
from lenticular.errors import StoreError


def actor_of(user: User, session: str = "") -> Actor:
    """Return a user as someone who asks."""
    return Actor(Author(user.name or user.email, user.id), user.roles, "session", user.id, user.email, session)


async def by_session(accounts: Accounts, secret: str, uses: bool = True) -> Actor | None:
    """Return whose session a secret opens; looking again (not `uses`) keeps none open. Raises StoreError."""
    found, now = await accounts.in_store(accounts.store.session, hash_of(secret)), accounts.clock()
    if found is None:
        return None
    session, user = found
    if not is_open(session, now) or user.state != "active":
        return None
    if uses and now - session.seen >= NOTED:
        with contextlib.suppress(StoreError):  # a full disk keeps nobody from reading
            await accounts.in_store(accounts.store.session_seen, session.id, now)
    return actor_of(user, session.id)


async def by_token(accounts: Accounts, secret: str, uses: bool = True) -> Actor | None:
    """Return who a token stands for: never more than its user may by now. Raises StoreError."""
    found, now = await accounts.in_store(accounts.store.token, hash_of(secret)), accounts.clock()
    if found is None:
        return None
    token, user = found
    if not is_valid(token, now) or (token.user is not None and (user is None or user.state != "active")):
        return None
    if uses and (token.used is None or now - token.used >= NOTED):
        with contextlib.suppress(StoreError):
            await accounts.in_store(accounts.store.token_used, token.id, now)
    if user is None:
        return Actor(Author(f"{token.name} (token)"), {token.site: token.role}, "token")
    author = Author(f"{user.name or user.email} ({token.name})", user.id)
    return Actor(author, limited(user.roles, token.site, token.role), "token", user.id, user.email)
