"""Accounts in a relational database: `ports.AccountStore`."""

from __future__ import annotations

from lenticular.accounts.entry import Entry, Wanted
from lenticular.accounts.link import Link, Purpose
from lenticular.accounts.session import IDLE, Session
from lenticular.accounts.token import Token
from lenticular.accounts.user import User
from lenticular.stores.sql import audit, credentials, identities, users
from lenticular.stores.sql.database import SqlDatabase


class SqlAccounts:
    """Each call is one transaction, of the thread that calls."""

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database

    def users(self) -> list[User]:
        """Return all users."""
        with self._database.read() as connection:
            return users.users(connection)

    def user(self, identity: str) -> User | None:
        """Return a user by their id."""
        with self._database.read() as connection:
            return users.user(connection, identity)

    def user_by_email(self, email: str) -> User | None:
        """Return a user by their e-mail address, in any case."""
        with self._database.read() as connection:
            return users.by_email(connection, email)

    def put_user(self, user: User, link: str = "") -> bool:
        """Write a user, and use a link up with it. Raises ConflictError."""
        with self._database.write() as connection:
            if link and not credentials.take_link(connection, link):
                return False
            users.put(connection, user)
            identities.welcome(connection, user.email)
            return True

    def remove_user(self, identity: str) -> None:
        """Remove a user, with sessions, tokens and links."""
        with self._database.write() as connection:
            identities.part(connection, identity)
            users.remove(connection, identity)

    def known_to(self, issuer: str, subject: str) -> tuple[bool, User | None]:
        """Return whether someone has come from an issuer before, and their user."""
        with self._database.read() as connection:
            known, user = identities.owner(connection, issuer, subject)
            return known, users.user(connection, user) if user else None

    def subjects(self, user: str, issuer: str) -> list[str]:
        """Return who a user is to an issuer."""
        with self._database.read() as connection:
            return identities.subjects(connection, user, issuer)

    def join_identity(self, issuer: str, subject: str, user: str, now: int) -> None:
        """Note who a user is to an issuer."""
        with self._database.write() as connection:
            identities.join(connection, issuer, subject, user, now)

    def was_removed(self, email: str) -> bool:
        """Return whether a user with this address was removed, and none was added since."""
        with self._database.read() as connection:
            return identities.was_removed(connection, email)

    def add(self, new: Session | Token | Link) -> None:
        """Keep a new session, token or link."""
        with self._database.write() as connection:
            credentials.add(connection, new)

    def session(self, identity: str) -> tuple[Session, User] | None:
        """Return a session and its user."""
        with self._database.read() as connection:
            found = credentials.session(connection, identity)
            user = users.user(connection, found.user) if found else None
            return (found, user) if found and user else None

    def sessions(self, user: str) -> list[Session]:
        """Return a user's sessions, the newest first."""
        with self._database.read() as connection:
            return credentials.sessions(connection, user)

    def session_seen(self, identity: str, now: int) -> None:
        """Note that a session was used."""
        with self._database.write() as connection:
            credentials.seen(connection, identity, now)

    def end_session(self, identity: str) -> None:
        """End a session."""
        with self._database.write() as connection:
            credentials.end_session(connection, identity)

    def end_sessions(self, user: str, but: str = "") -> None:
        """End the sessions of a user, but for one."""
        with self._database.write() as connection:
            credentials.end_sessions(connection, user, but)

    def token(self, hashed: str) -> tuple[Token, User | None] | None:
        """Return a token by its hash, and its user."""
        with self._database.read() as connection:
            found = credentials.token(connection, hashed)
            if found is None:
                return None
            return found, users.user(connection, found.user) if found.user else None

    def tokens(self) -> list[Token]:
        """Return all tokens, the oldest first."""
        with self._database.read() as connection:
            return credentials.tokens(connection)

    def token_used(self, identity: str, now: int) -> None:
        """Note that a token was used."""
        with self._database.write() as connection:
            credentials.used(connection, identity, now)

    def end_token(self, identity: str) -> None:
        """End a token."""
        with self._database.write() as connection:
            credentials.end_token(connection, identity)

    def link(self, hashed: str) -> Link | None:
        """Return a link by its hash."""
        with self._database.read() as connection:
            return credentials.link(connection, hashed)

    def links(self) -> list[Link]:
        """Return all links, the oldest first."""
        with self._database.read() as connection:
            return credentials.links(connection)

    def end_link(self, identity: str) -> None:
        """End a link."""
        with self._database.write() as connection:
            credentials.end_link(connection, identity)

    def end_links(self, purpose: Purpose, user: str | None) -> None:
        """End the links of a purpose, of a user or of none."""
        with self._database.write() as connection:
            credentials.end_links(connection, purpose, user)

    def forget(self, now: int) -> None:
        """Delete the sessions and links that have expired."""
        with self._database.write() as connection:
            credentials.forget(connection, now, now - IDLE)

    def forget_audit(self, before: int) -> int:
        """Delete the lines of the audit log from before a moment (ms); return how many."""
        with self._database.write() as connection:
            return audit.forget(connection, before)

    def note(self, entry: Entry) -> None:
        """Add a line to the audit log."""
        with self._database.write() as connection:
            audit.note(connection, entry)

    def audit(self, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
        """Return lines of the audit log, the newest first, below an id."""
        with self._database.read() as connection:
            return audit.entries(connection, wanted, before, limit)
