"""Who users are to OpenID providers, as rows; and who was removed, so that nobody comes back by themselves.

A removed user's identities stay, without a user; and so does the hash of their address, under no issuer.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from lenticular.accounts.secret import hash_of
from lenticular.accounts.user import email_key
from lenticular.stores.sql.account_tables import IDENTITIES, USERS

_OF = IDENTITIES.c
_BY_ADDRESS = ""


def owner(connection: Connection, issuer: str, subject: str) -> tuple[bool, str | None]:
    """Return whether someone is known, and the id of their user; None if that was removed."""
    query = select(_OF.user).where(_OF.issuer == issuer, _OF.subject == subject)
    row = connection.execute(query).first()
    return row is not None, None if row is None else row.user


def subjects(connection: Connection, user: str, issuer: str) -> list[str]:
    """Return who a user is to an issuer."""
    query = select(_OF.subject).where(_OF.user == user, _OF.issuer == issuer).order_by(_OF.subject)
    return list(connection.execute(query).scalars())


def join(connection: Connection, issuer: str, subject: str, user: str, now: int) -> None:
    """Note who a user is to an issuer."""
    connection.execute(delete(IDENTITIES).where(_OF.issuer == issuer, _OF.subject == subject))
    connection.execute(insert(IDENTITIES).values(issuer=issuer, subject=subject, user=user, created=now))


def was_removed(connection: Connection, email: str) -> bool:
    """Return whether a user with this address was removed, and none was added since."""
    query = select(_OF.created).where(_OF.issuer == _BY_ADDRESS, _OF.subject == _hash(email))
    return connection.execute(query).first() is not None


def part(connection: Connection, user: str) -> None:
    """Note that a user is about to be removed."""
    email = connection.execute(select(USERS.c.email).where(USERS.c.id == user)).scalar()
    if email is not None:
        welcome(connection, email)
        values = {"issuer": _BY_ADDRESS, "subject": _hash(email), "user": None, "created": 0}
        connection.execute(insert(IDENTITIES).values(values))
        connection.execute(update(IDENTITIES).where(_OF.user == user).values(user=None))


def welcome(connection: Connection, email: str) -> None:
    """Forget that a user with this address was removed: somebody added one."""
    connection.execute(delete(IDENTITIES).where(_OF.issuer == _BY_ADDRESS, _OF.subject == _hash(email)))


def _hash(email: str) -> str:
    return hash_of(email_key(email))
