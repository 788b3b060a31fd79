"""The keys of all sites at hand: a request's key is looked up, whatever number of sites and keys there is."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from lenticular.accounts.secret import hash_of
from lenticular.accounts.site_key import SiteKey
from lenticular.ports import Clock

_DAY = 86_400_000
_ALWAYS = 1 << 62


class _Held(msgspec.Struct):
    id: str
    site: str
    trusted: bool
    ends: int
    used: int


class KeyRing:
    """By public key, and by the hash of a secret one, the site that it opens.

    `unnoted` takes the days (ms) on which keys were used, by their ids.
    """

    def __init__(self, clock: Clock, unnoted: dict[str, int]) -> None:
        self._clock = clock
        self._public: dict[str, _Held] = {}
        self._secret: dict[str, _Held] = {}
        self._keys: dict[str, SiteKey] = {}
        self.unnoted = unnoted

    def load(self, keys: Iterable[SiteKey]) -> None:
        """Hold these keys and no others."""
        self._keys = {one.hash: one for one in keys}
        held = [(one, _held(one, self.unnoted.get(one.id))) for one in self._keys.values()]
        self._public = {key.text: one for key, one in held if key.use == "public"}
        self._secret = {key.hash: one for key, one in held if key.use == "secret"}

    def opens(self, text: str) -> tuple[str, bool] | None:
        """Return the key of the site that a key opens now, and whether it is a secret one; None if it opens none."""
        found = self._public.get(text) or self._secret.get(hash_of(text))
        if found is None:
            return None
        now = self._clock()
        if now >= found.ends:
            return None
        if now >= found.used + _DAY:
            found.used = self.unnoted[found.id] = now - now % _DAY
        return found.site, found.trusted

    def find(self, text: str) -> SiteKey | None:
        """Return what is kept of a key, also of one that has ended."""
        return self._keys.get(hash_of(text))

    def of(self, site: str) -> list[SiteKey]:
        """Return all keys of a site, the oldest first."""
        return [one for one in self._keys.values() if one.site == site]

    def current(self, site: str) -> str:
        """Return the public key of a site that has no end; empty for none."""
        texts = [one.text for one in self.of(site) if one.use == "public" and one.ends is None]
        return texts[-1] if texts else ""


def _held(key: SiteKey, used: int | None) -> _Held:
    last = used if used is not None else -_DAY if key.used is None else key.used
    return _Held(key.id, key.site, key.use == "secret", _ALWAYS if key.ends is None else key.ends, last)
