"""Roles: what someone may do at a site, or at all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Role = Literal["viewer", "editor", "publisher", "admin"]
"""A viewer reads; an editor drafts; a publisher makes drafts live; an admin does everything. Each may what those before
it may.
"""
ROLES: tuple[Role, ...] = ("viewer", "editor", "publisher", "admin")
EVERYWHERE = "*"
"""Stands for all sites. No site can have this key."""
Roles = Mapping[str, Role]
"""By the key of a site, or EVERYWHERE."""


def at_least(role: Role | None, needed: Role) -> bool:
    """Return whether a role may do what another one may; None may nothing."""
    return role is not None and ROLES.index(role) >= ROLES.index(needed)


def role_at(roles: Roles, site: str) -> Role | None:
    """Return the role at a site: the higher one of that for the site and that for all."""
    found = [role for role in (roles.get(site), roles.get(EVERYWHERE)) if role is not None]
    return max(found, key=ROLES.index, default=None)


def limited(roles: Roles, site: str, most: Role) -> dict[str, Role]:
    """Return what is left of roles for a token that may be `most` at a site, or EVERYWHERE: never more than them."""
    if site == EVERYWHERE:
        return {key: min(role, most, key=ROLES.index) for key, role in roles.items()}
    own = role_at(roles, site)
    return {} if own is None else {site: min(own, most, key=ROLES.index)}
