"""What all verbs of accounts share: the store, the clock, throttles, and hashing that never takes the whole machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol, TypeVar

from lenticular.accounts.actor import Actor
from lenticular.accounts.entry import Entry
from lenticular.accounts.openid import openid_of
from lenticular.accounts.password import hashed, matches
from lenticular.accounts.throttle import Throttle
from lenticular.app.accounts.refusals import TooOftenError
from lenticular.app.open import Installation
from lenticular.ports import AccountStore

P = ParamSpec("P")
T = TypeVar("T")
_WAITING = 50


class InStore(Protocol):
    """Asks the database in a thread of its own."""

    def __call__(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """Return what it answers."""


class Accounts:
    """The accounts of an open installation. Raises LenticularError for settings with which nobody could sign in."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.in_store: InStore = installation.in_store
        self.clock, self.new_id = installation.clock, installation.new_id
        self.by_account, self.by_address = Throttle(5), Throttle(20)
        self.openid = openid_of(installation.settings)
        """How people sign in with OpenID Connect; None if they don't."""
        self.changing = asyncio.Lock()
        """Held by whoever changes users: one at a time."""
        self._hashing = asyncio.Semaphore(2)  # 64 MB each
        self._waiting = 0

    @property
    def store(self) -> AccountStore:
        """Where they are kept."""
        return self.installation.accounts

    async def hashed(self, password: str) -> str:
        """Return the hash of a new password. Raises TooOftenError when too many wait for theirs."""
        return await self._hash(hashed, password, self.new_id())

    async def matches(self, kept: str, password: str) -> bool:
        """Return whether a password is the one of a hash, in the same time whatever it is. Raises TooOftenError."""
        return await self._hash(matches, kept, password)

    async def _hash(self, function: Callable[[str, str], T], one: str, other: str) -> T:
        if self._waiting >= _WAITING:
            raise TooOftenError(2_000)
        self._waiting += 1
        try:
            async with self._hashing:
                return await asyncio.to_thread(function, one, other)
        finally:
            self._waiting -= 1

    async def note(self, who: Actor | str, what: str, target: str, sentence: str, address: str = "") -> None:
        """Add a line that belongs to no site to the audit log."""
        name, identity = (who, "") if isinstance(who, str) else (who.author.name, who.author.id)
        entry = Entry(self.clock(), name, identity, what, "", target, sentence, address)
        await self.in_store(self.store.note, entry)
