"""Passwords: what may be one, and their hashes (Argon2id, RFC 9106)."""

from __future__ import annotations

import hashlib

from argon2.exceptions import Argon2Error, InvalidHashError
from argon2.low_level import Type, hash_secret, verify_secret

from lenticular.accounts.user import email_key
from lenticular.errors import LenticularError, Problem

SHORTEST, LONGEST = 12, 1_000
_ROUNDS, _KIB, _LANES, _LENGTH = 3, 65_536, 1, 32
NOBODY = "$argon2id$v=19$m=65536,t=3,p=1$gi6YmKauH96ZN7qhD/D+3Q$TC7ai0KCOaReyHfLg3O5LexLG23HD+7p23DDwNXvo9M"
"""Is compared with where there is no user: that takes as long as a wrong password."""


def checked_password(password: str, email: str, place: str = "password") -> str:
    """Return what may be a password. Raises LenticularError."""
    hint = "A few words that are not a saying, or what a password manager makes."
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"A password has from {SHORTEST} to {LONGEST:,} letters."
        raise LenticularError(Problem("password.length", message, place, hint))
    if len(set(password)) < 5 or email_key(password) in (email_key(email), email_key(email).partition("@")[0]):
        raise LenticularError(Problem("password.weak", "This is guessed at once.", place, hint))
    return password


def hashed(password: str, salt: str) -> str:
    """Return the hash of a password, with what it needs to be compared again; `salt` is random."""
    given = hashlib.sha256(salt.encode()).digest()[:16]
    return hash_secret(_bytes(password), given, _ROUNDS, _KIB, _LANES, _LENGTH, Type.ID).decode()


def matches(kept: str, password: str) -> bool:
    """Return whether a password is the one of a hash. It is hashed either way, also where there is no hash."""
    try:
        return verify_secret((kept or NOBODY).encode(), _bytes(password), Type.ID) and bool(kept)
    except (Argon2Error, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    return password[: LONGEST + 1].encode("utf-8", "surrogatepass")
