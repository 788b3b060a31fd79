"""A random sample of profiles that is the same whenever it is drawn: those whose mixed id is small.

The mixing is ClickHouse's `intHash64`: the 64-bit finaliser of MurmurHash3 (Appleby, public domain) behind an
exclusive or. Ids are dense counters, and after it no bit shows that.
"""

from __future__ import annotations

import msgspec

_WORD = (1 << 64) - 1
_BEFORE = 0x4CF2D2BAAE6DA887
_FIRST = 0xFF51AFD7ED558CCD
_SECOND = 0xC4CEB9FE1A85EC53
_STEP = 0x9E3779B97F4A7C15


class Sample(msgspec.Struct, frozen=True):
    """About `share` (between 0 and 1) of all profiles; another `seed` draws others."""

    share: float
    seed: int = 0

    @property
    def below(self) -> int:
        """What the mixed id of a chosen profile lies below."""
        return min(round(self.share * (_WORD + 1)), _WORD)

    def has(self, profile_id: int) -> bool:
        """Return whether a profile is chosen."""
        return mixed(profile_id, self.seed) < self.below


def offset(seed: int) -> int:
    """Return what a seed adds to every id: far apart for different seeds."""
    return seed * _STEP & _WORD


def mixed(profile_id: int, seed: int) -> int:
    """Return the mixed id: 64 bits that look random."""
    word = (profile_id + offset(seed) & _WORD) ^ _BEFORE
    word = (word ^ word >> 33) * _FIRST & _WORD
    word = (word ^ word >> 33) * _SECOND & _WORD
    return word ^ word >> 33


def mixed_sql(profile_id: str, added: str) -> str:
    """Return the same in SQL, of a UInt64 column; `added` is the seed's offset, bound. UInt64 arithmetic wraps."""
    return f"intHash64({profile_id} + {added})"
