"""Whoever asks."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.accounts.role import EVERYWHERE, Role, at_least, role_at
from lenticular.catalog.author import ADMIN, Author


class Actor(msgspec.Struct, frozen=True):
    """Who asks, what they may by site, and how they showed it. `session` is the hash of an open session's secret."""

    author: Author
    roles: dict[str, Role]
    via: Literal["admin-token", "session", "token"]
    user: str | None = None
    email: str = ""
    session: str = ""

    def may(self, role: Role, site: str) -> bool:
        """Return whether they may what a role may at a site."""
        return at_least(role_at(self.roles, site), role)

    def may_everywhere(self, role: Role) -> bool:
        """Return whether they may what a role may at all sites, and in what belongs to none."""
        return at_least(self.roles.get(EVERYWHERE), role)

    def may_somewhere(self, role: Role) -> bool:
        """Return whether they may what a role may at any site."""
        return any(at_least(one, role) for one in self.roles.values())


COMMAND_LINE = Actor(ADMIN, {EVERYWHERE: "admin"}, "admin-token")
"""Whoever can read server.json in the data folder."""
