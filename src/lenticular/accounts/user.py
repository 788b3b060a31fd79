"""A person who signs in."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

import msgspec

from lenticular.accounts.role import EVERYWHERE, Role
from lenticular.errors import LenticularError, Problem

UserState = Literal["active", "disabled"]
_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]{1,64}@[^\s@\x00-\x1f\x7f]{1,189}")
_MOST = 200


class User(msgspec.Struct, frozen=True):
    """A user: `password` is a hash, `roles` are by site. One who is disabled keeps everything and gets in nowhere."""

    id: str
    email: str
    name: str
    password: str
    created: int
    roles: dict[str, Role]
    state: UserState = "active"

    @property
    def rules_all(self) -> bool:
        """Whether this is an admin of all sites who can sign in."""
        return self.state == "active" and self.roles.get(EVERYWHERE) == "admin"


def email_key(email: str) -> str:
    """Return what makes two spellings of an e-mail address one user."""
    sound = email.strip().encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return unicodedata.normalize("NFKC", sound).casefold()


def checked_email(email: str) -> str:
    """Return an e-mail address. Raises LenticularError for what is none."""
    found = email.strip()
    if not _EMAIL.fullmatch(found):
        raise LenticularError(Problem("user.email", "This is no e-mail address.", "email", "Write name@example.com."))
    return found


def checked_name(name: str) -> str:
    """Return a name. Raises LenticularError for one that no list can show."""
    found = name.strip()
    if len(found) > _MOST or any(unicodedata.category(each) in ("Cc", "Cs") for each in found):
        raise LenticularError(Problem("user.name", "This name can't be shown.", "name", f"At most {_MOST} letters."))
    return found
