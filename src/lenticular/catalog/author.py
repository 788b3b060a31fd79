"""Who changes something."""

from __future__ import annotations

import msgspec


class Author(msgspec.Struct, frozen=True):
    """A person or a program: the name that is shown in the history, and a stable id if it has one."""

    name: str
    id: str = ""


ADMIN = Author("admin")
"""Whoever has the admin token."""
