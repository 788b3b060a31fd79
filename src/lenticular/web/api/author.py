"""Who asks: the author of what a request changes."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from lenticular.catalog.author import ADMIN, Author

By = NamedDependency[Author]
"""The author of a change, as a handler asks for it."""


async def author_of(request: Request[Any, Any, Any]) -> Author:
    """Return who sends a request: for now whoever has the admin token."""
    return ADMIN
