"""A key with which pages and servers speak for a site."""

from __future__ import annotations

from typing import Literal

import msgspec

from lenticular.accounts.secret import hash_of
from lenticular.catalog.author import Author

KeyUse = Literal["public", "secret"]
PREFIXES: dict[KeyUse, str] = {"public": "lp_", "secret": "lk_"}
_DAY = 86_400_000
GRACE: dict[KeyUse, int] = {"public": 30 * _DAY, "secret": _DAY}
"""How long (ms) a key stays good after a new one took its place, unless someone says otherwise."""
_TAIL = 4


class SiteKey(msgspec.Struct, frozen=True):
    """`hash` stands for the key. `text` is a public key itself, for it is no secret; of a secret one nothing is kept
    but its hash and its last letters, `tail`.

    `ends` is when it stops being good (ms); only a site's newest key of a use has no end. `used` is the day (its first
    millisecond in UTC) on which it was used last.
    """

    id: str
    site: str
    use: KeyUse
    hash: str
    text: str
    tail: str
    created: int
    author: Author
    ends: int | None = None
    used: int | None = None


def key_from(text: str, use: KeyUse, site: str, identity: str, made: tuple[int, Author]) -> SiteKey:
    """Return what is kept of a key; `made` says when (ms) and by whom."""
    tail = text[-_TAIL:] if len(text) >= 4 * _TAIL else ""
    return SiteKey(identity, site, use, hash_of(text), text if use == "public" else "", tail, *made)


def is_good(key: SiteKey, now: int) -> bool:
    """Return whether a key still opens its site."""
    return key.ends is None or now < key.ends
