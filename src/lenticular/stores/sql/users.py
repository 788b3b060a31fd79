"""Users and their roles, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from lenticular.accounts.role import Role
from lenticular.accounts.user import User, email_key
from lenticular.errors import ConflictError, Problem
from lenticular.stores.sql.account_tables import ROLES, USERS


def users(connection: Connection, where: ColumnElement[bool] | None = None) -> list[User]:
    """Return users in the order of their e-mail addresses."""
    query = select(USERS).where(true() if where is None else where).order_by(USERS.c.email_key)
    found = connection.execute(query).all()
    held: dict[str, dict[str, Role]] = {row.id: {} for row in found}
    # Of a single user only their own.
    own = ROLES.c.user == found[0].id if len(found) == 1 else true()
    for row in connection.execute(select(ROLES).where(own).order_by(ROLES.c.site)):
        held.get(row.user, {})[row.site] = row.role
    return [_user(row, held[row.id]) for row in found]


def user(connection: Connection, identity: str) -> User | None:
    """Return a user by their id."""
    return next(iter(users(connection, USERS.c.id == identity)), None)


def by_email(connection: Connection, email: str) -> User | None:
    """Return a user by their e-mail address, in any case."""
    return next(iter(users(connection, USERS.c.email_key == email_key(email))), None)


def put(connection: Connection, given: User) -> None:
    """Write a user, new or not. Raises ConflictError if another one has the e-mail address."""
    values = {
        "email": given.email,
        "email_key": email_key(given.email),
        "name": given.name,
        "password": given.password,
        "state": given.state,
        "created": given.created,
    }
    try:
        with connection.begin_nested():
            if not connection.execute(update(USERS).where(USERS.c.id == given.id).values(values)).rowcount:
                connection.execute(insert(USERS).values(id=given.id, **values))
    except IntegrityError:
        message = f"There is a user {given.email} already."
        raise ConflictError(Problem("user.taken", message, "email", "Change that one's roles.")) from None
    connection.execute(delete(ROLES).where(ROLES.c.user == given.id))
    roles: Sequence[dict[str, str]] = [
        {"user": given.id, "site": site, "role": role} for site, role in given.roles.items()
    ]
    if roles:
        connection.execute(insert(ROLES), roles)


def remove(connection: Connection, identity: str) -> None:
    """Remove a user; their sessions, tokens and links go with them."""
    connection.execute(delete(USERS).where(USERS.c.id == identity))


def _user(row: Row[tuple[object, ...]], roles: dict[str, Role]) -> User:
    return User(row.id, row.email, row.name, row.password, row.created, roles, row.state)
