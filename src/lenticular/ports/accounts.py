"""What keeps users, tokens, sessions, the audit log, and the keys of sites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lenticular.accounts.entry import Entry, Wanted
from lenticular.accounts.link import Link, Purpose
from lenticular.accounts.session import Session
from lenticular.accounts.site_key import SiteKey
from lenticular.accounts.token import Token
from lenticular.accounts.user import User
from lenticular.profiles.fold import FoldResult as FoldResult
from lenticular.profiles.fold import LookUps as LookUps


class AccountStore(Protocol):
    """Users, sessions, tokens, links, and the audit log. Called from threads; each call is one transaction.

    All raise StoreError when the database can't be asked.
    """

    def users(self) -> list[User]:
        """Return all users, in the order of their e-mail addresses."""

    def user(self, identity: str) -> User | None:
        """Return a user by their id."""

    def user_by_email(self, email: str) -> User | None:
        """Return a user by their e-mail address, in any case."""

    def put_user(self, user: User, link: str = "") -> bool:
        """Write a user, and use up the link with this hash: both or, if it was used already (False), neither.

        Raises ConflictError if another one has the e-mail address.
        """

    def remove_user(self, identity: str) -> None:
        """Remove a user; their sessions, tokens and links end with that."""

    def known_to(self, issuer: str, subject: str) -> tuple[bool, User | None]:
        """Return whether someone has come from an OpenID issuer before, and their user: None if that was removed."""

    def subjects(self, user: str, issuer: str) -> list[str]:
        """Return who a user is to an issuer."""

    def join_identity(self, issuer: str, subject: str, user: str, now: int) -> None:
        """Note who a user is to an issuer."""

    def was_removed(self, email: str) -> bool:
        """Return whether a user with this address was removed, and none was added since."""

    def add(self, new: Session | Token | Link) -> None:
        """Keep a new session, token or link."""

    def session(self, identity: str) -> tuple[Session, User] | None:
        """Return a session, open or not, and its user."""

    def sessions(self, user: str) -> list[Session]:
        """Return a user's sessions, the newest first."""

    def session_seen(self, identity: str, now: int) -> None:
        """Note that a session was used."""

    def end_session(self, identity: str) -> None:
        """End a session."""

    def end_sessions(self, user: str, but: str = "") -> None:
        """End the sessions of a user, but for one."""

    def token(self, hashed: str) -> tuple[Token, User | None] | None:
        """Return a token by its hash, and the user whom it belongs to."""

    def tokens(self) -> list[Token]:
        """Return all tokens, the oldest first."""

    def token_used(self, identity: str, now: int) -> None:
        """Note that a token was used."""

    def end_token(self, identity: str) -> None:
        """End a token."""

    def link(self, hashed: str) -> Link | None:
        """Return a link by its hash."""

    def links(self) -> list[Link]:
        """Return all links, the oldest first."""

    def end_link(self, identity: str) -> None:
        """End a link."""

    def end_links(self, purpose: Purpose, user: str | None) -> None:
        """End the links of a purpose, of a user or of none."""

    def forget(self, now: int) -> None:
        """Delete the sessions and links that have expired."""

    def forget_audit(self, before: int) -> int:
        """Delete the lines of the audit log from before a moment (ms), as a setting says; return how many."""

    def note(self, entry: Entry) -> None:
        """Add a line to the audit log. Nothing changes one."""

    def audit(self, wanted: Wanted, before: int | None, limit: int) -> list[Entry]:
        """Return lines of the audit log, the newest first, below an id."""


class KeyStore(Protocol):
    """The public and secret keys of all sites. Called from threads; each call is one transaction."""

    def every(self) -> list[SiteKey]:
        """Return all keys, also those that have ended, the oldest first."""

    def add(self, new: SiteKey, replaced: int | None = None) -> None:
        """Keep a new key; at `replaced` (ms) the other ones of its site and use end that would last longer.

        Raises ConflictError if there is this key already, of whatever site.
        """

    def replace(self, identity: str, at: int) -> None:
        """Have the other keys of a key's site and use end at a moment (ms), those that would last longer."""

    def end(self, identity: str, at: int) -> None:
        """Have a key end at a moment (ms), unless it ends before."""

    def used(self, days: Mapping[str, int]) -> None:
        """Note the days (ms) on which keys, by their ids, were used last."""
