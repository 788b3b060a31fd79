"""How the relational database is asked by those who hold some of it in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class InStore(Protocol):
    """Asks a store in a thread of its own."""

    def __call__(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Return what `ask` returns. Raises what it raises, StoreError above all."""
