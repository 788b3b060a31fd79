"""Sessions, tokens and links, as rows."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, delete, insert, or_, select, update

from lenticular.accounts.link import Link, Purpose
from lenticular.accounts.role import Role
from lenticular.accounts.session import Session
from lenticular.accounts.token import Token
from lenticular.stores.sql.account_tables import LINKS, SESSIONS, TOKENS
from lenticular.stores.sql.rows import as_json

_roles = msgspec.json.Decoder(dict[str, Role])


def add(connection: Connection, given: Session | Token | Link) -> None:
    """Write a new one."""
    values = msgspec.structs.asdict(given)
    if isinstance(given, Link):
        values["roles"] = as_json(given.roles)
    connection.execute(insert(_table(given)).values(values))


def session(connection: Connection, identity: str) -> Session | None:
    """Return a session."""
    row = connection.execute(select(SESSIONS).where(SESSIONS.c.id == identity)).first()
    return None if row is None else Session(**row._mapping)


def sessions(connection: Connection, user: str) -> list[Session]:
    """Return a user's sessions, the newest first."""
    query = select(SESSIONS).where(SESSIONS.c.user == user).order_by(SESSIONS.c.created.desc(), SESSIONS.c.id)
    return [Session(**row._mapping) for row in connection.execute(query)]


def seen(connection: Connection, identity: str, now: int) -> None:
    """Note that a session was used."""
    connection.execute(update(SESSIONS).where(SESSIONS.c.id == identity).values(seen=now))


def end_session(connection: Connection, identity: str) -> None:
    """End a session."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.id == identity))


def end_sessions(connection: Connection, user: str, but: str) -> None:
    """End the sessions of a user, but for one."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user == user, SESSIONS.c.id != but))


def token(connection: Connection, hashed: str) -> Token | None:
    """Return a token by its hash."""
    row = connection.execute(select(TOKENS).where(TOKENS.c.hash == hashed)).first()
    return None if row is None else Token(**row._mapping)


def tokens(connection: Connection) -> list[Token]:
    """Return all tokens, the oldest first."""
    return [Token(**row._mapping) for row in connection.execute(select(TOKENS).order_by(TOKENS.c.created, TOKENS.c.id))]


def used(connection: Connection, identity: str, now: int) -> None:
    """Note that a token was used."""
    connection.execute(update(TOKENS).where(TOKENS.c.id == identity).values(used=now))


def end_token(connection: Connection, identity: str) -> None:
    """End a token."""
    connection.execute(delete(TOKENS).where(TOKENS.c.id == identity))


def link(connection: Connection, hashed: str) -> Link | None:
    """Return a link by its hash."""
    row = connection.execute(select(LINKS).where(LINKS.c.hash == hashed)).first()
    return None if row is None else _link(row)


def links(connection: Connection) -> list[Link]:
    """Return all links, the oldest first."""
    return [_link(row) for row in connection.execute(select(LINKS).order_by(LINKS.c.created, LINKS.c.id))]


def take_link(connection: Connection, hashed: str) -> bool:
    """Use a link up; False if it was used already."""
    return bool(connection.execute(delete(LINKS).where(LINKS.c.hash == hashed)).rowcount)


def end_link(connection: Connection, identity: str) -> None:
    """End a link."""
    connection.execute(delete(LINKS).where(LINKS.c.id == identity))


def end_links(connection: Connection, purpose: Purpose, user: str | None) -> None:
    """End the links of a purpose, of a user or of none."""
    connection.execute(delete(LINKS).where(LINKS.c.purpose == purpose, LINKS.c.user == user))


def forget(connection: Connection, now: int, idle: int) -> None:
    """Delete what has expired."""
    connection.execute(delete(SESSIONS).where(or_(SESSIONS.c.expires <= now, SESSIONS.c.seen <= idle)))
    connection.execute(delete(LINKS).where(LINKS.c.expires <= now))


def _table(given: Session | Token | Link) -> Table:
    return SESSIONS if isinstance(given, Session) else TOKENS if isinstance(given, Token) else LINKS


def _link(row: Row[Any]) -> Link:
    return Link(**{**row._mapping, "roles": _roles.decode(row.roles)})
