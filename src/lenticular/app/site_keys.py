"""The keys of sites while an installation is open: which there are, which a definition names, when they are used.

A definition names a site's public key. What names a new one brings it in, and the one before ends after a while; a key
that has been replaced does not come back by an old file. A secret key that a file brings is kept as a hash and taken
out of the definition (ADR 0033).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

import msgspec

from lenticular.accounts.site_key import GRACE, KeyUse, SiteKey, key_from
from lenticular.app.in_store import InStore
from lenticular.app.key_ring import KeyRing
from lenticular.app.used_days import UsedDays
from lenticular.catalog.author import Author
from lenticular.catalog.site import Site
from lenticular.catalog.stored import Body, Change
from lenticular.errors import CatalogError, ConflictError, Problem, StoreError
from lenticular.ports import Clock, KeyStore

_log = logging.getLogger(__name__)


class SiteKeys:
    """The keys of all sites of an installation; `in_store` asks their database in a thread of its own."""

    def __init__(self, clock: Clock, new_id: Callable[[], str], in_store: InStore) -> None:
        self.clock, self.new_id, self.in_store = clock, new_id, in_store
        self._uses = UsedDays("keys", lambda days: in_store(self.store.used, days))
        self.ring = KeyRing(clock, self._uses.unnoted)
        self._store: KeyStore | None = None
        self._graces: dict[str, int] = {}

    @property
    def store(self) -> KeyStore:
        """Where they are kept; there once they are open."""
        if self._store is None:
            raise RuntimeError("The keys are not open.")
        return self._store

    async def open(self, store: KeyStore) -> None:
        """Read all keys, and begin to note every minute when they are used. Raises StoreError."""
        self._store = store
        await self.load()
        self._uses.begin()

    async def close(self) -> None:
        """Stop, with everything noted."""
        await self._uses.close()

    async def load(self) -> None:
        """Hold what the database has. Raises StoreError."""
        self.ring.load(await self.in_store(self.store.every))

    async def note_uses(self) -> None:
        """Write down when keys were used. Raises StoreError."""
        await self._uses.note()

    def plain(self, definition: Site) -> Site:
        """Return a site's definition without a secret, and with its public key where it names one that was replaced."""
        found = self.ring.find(definition.write_key)
        current = self.ring.current(definition.key)
        gone = found is not None and found.site == definition.key and found.use == "public" and found.ends is not None
        public = current if gone and current else definition.write_key
        return msgspec.structs.replace(definition, write_key=public, secret_key="")

    def plain_change(self, site: str, change: Change) -> Change:
        """Return a change of a catalog with no secret in it, as `plain` does for definitions."""
        if change.kind != "site" or change.body is None:
            return change
        body: Body = {name: value for name, value in change.body.items() if name != "secretKey"}
        found = self.ring.find(str(body.get("writeKey", "")))
        if found is not None and (found.site, found.use) == (site, "public") and found.ends is not None:
            body["writeKey"] = self.ring.current(site) or body["writeKey"]
        return msgspec.structs.replace(change, body=body)

    async def take_in(self, site: str, use: KeyUse, text: str, author: Author, grace: int | None = None) -> SiteKey:
        """Keep a key, if it is new. It is good at once; `settle` has those before it end after `grace` (ms).

        Raises ConflictError for one that is another site's, or of another use; StoreError.
        """
        found = self.ring.find(text)
        if found is None:
            found = key_from(text, use, site, self.new_id(), (self.clock(), author))
            await self.in_store(self.store.add, found)
            await self.load()
            self._graces[found.id] = GRACE[use] if grace is None else grace
        if (found.site, found.use) != (site, use):
            message = "This key is used already: each key is of one site, and either public or secret."
            place = "site.yaml, writeKey" if use == "public" else "site.yaml, secretKey"
            raise ConflictError(Problem("key.taken", message, place, "Write another long random text."))
        return found

    async def settle(self, key: SiteKey) -> None:
        """Have the keys before a site's newest one end. What can't be written now is done at the next start."""
        others = [one for one in self.ring.of(key.site) if one.use == key.use and one.id != key.id]
        grace = self._graces.pop(key.id, None)
        if key.ends is not None or (grace is None and all(one.ends is not None for one in others)):
            return
        try:
            at = self.clock() + (GRACE[key.use] if grace is None else grace)
            await self.in_store(self.store.replace, key.id, at)
            await self.load()
        except StoreError as error:
            _log.error("The keys before the newest one do not end yet: %s.", error.codes, extra={"site": key.site})

    async def take_in_all(self, definition: Site, author: Author) -> list[SiteKey]:
        """Keep the keys that a definition names; return them. Raises CatalogError, ConflictError, StoreError."""
        public, secret = definition.write_key, definition.secret_key
        if secret and secret == public:
            hint = "The write key stands in every page, the secret one never does."
            raise CatalogError(Problem("catalog.secret-key", "Both keys are the same.", "site.yaml, secretKey", hint))
        named: list[tuple[KeyUse, str]] = [("public", public), ("secret", secret)]
        return [await self.take_in(definition.key, use, text, author) for use, text in named if text]

    async def settle_all(self, keys: Iterable[SiteKey]) -> None:
        """Do `settle` for several keys."""
        for key in keys:
            await self.settle(key)
