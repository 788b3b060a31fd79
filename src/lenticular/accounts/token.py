"""A token with which a program asks the admin API."""

from __future__ import annotations

import msgspec

from lenticular.accounts.role import Role

PREFIX = "lt_"


class Token(msgspec.Struct, frozen=True):
    """`hash` stands for the token, which is not kept. It may be at most `role` at `site` (or all), and never more than
    its user may by then; a token of no user was made on the command line.
    """

    id: str
    hash: str
    name: str
    role: Role
    site: str
    user: str | None
    author: str
    created: int
    used: int | None = None
    expires: int | None = None


def is_valid(token: Token, now: int) -> bool:
    """Return whether a token has not expired."""
    return token.expires is None or now < token.expires
