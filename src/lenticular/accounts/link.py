"""A link that someone is given once: to set the installation up, to come in, to set a new password."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.accounts.role import Role

Purpose = Literal["setup", "invitation", "reset"]
PREFIX = "ll_"
_DAY = 86_400_000
LASTS: dict[Purpose, int] = {"setup": _DAY, "invitation": 7 * _DAY, "reset": _DAY}
"""How long (ms) each is good for."""


class Link(msgspec.Struct, frozen=True):
    """`hash` stands for the secret in the link. `roles` are those that whoever uses an invitation gets; `user` is whose
    password a reset sets.
    """

    id: str
    hash: str
    purpose: Purpose
    email: str
    roles: dict[str, Role]
    user: str | None
    author: str
    created: int
    expires: int
