"""Who asks: the author of what a request changes."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from lenticular.accounts.actor import Actor
from lenticular.catalog.author import Author

By = NamedDependency[Author]
"""The author of a change, as a handler asks for it."""
Asker = NamedDependency[SkipValidation[Actor]]
"""Whoever asks, and what they may."""


def actor_in(connection: ASGIConnection[Any, Any, Any, Any]) -> Actor:
    """Return whom the guard let in."""
    found = connection.scope["user"]
    if not isinstance(found, Actor):
        raise RuntimeError("A route that asks who it is has no guard.")
    return found


async def author_of(request: Request[Any, Any, Any]) -> Author:
    """Return who sends a request, as the history names them."""
    return actor_in(request).author


async def actor_of(request: Request[Any, Any, Any]) -> Actor:
    """Return who sends a request."""
    return actor_in(request)
