"""A random sample of profiles that is the same whenever it is drawn: those whose mixed id is small.

The mixing is the finaliser of splitmix64 (Steele, Lea, Flood, Fast splittable pseudorandom number generators, OOPSLA
2014, with the constants of Stafford's variant 13): ids are dense counters, and after it no bit shows that.
"""

from __future__ import annotations

import msgspec

_WORD = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB


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
    """Return what a seed adds to every id."""
    return (seed + 1) * _STEP & _WORD


def mixed(profile_id: int, seed: int) -> int:
    """Return the mixed id: 64 bits that look random."""
    word = profile_id + offset(seed) & _WORD
    word = (word ^ word >> 30) * _FIRST & _WORD
    word = (word ^ word >> 27) * _SECOND & _WORD
    return word ^ word >> 31


def mixed_sql(profile_id: str, added: str) -> str:
    """Return the same in SQL, of a UInt64 column; `added` is the seed's offset, bound. UInt64 arithmetic wraps."""
    word = f"({profile_id} + {added})"
    word = f"(bitXor({word}, bitShiftRight({word}, 30)) * toUInt64({_FIRST}))"
    word = f"(bitXor({word}, bitShiftRight({word}, 27)) * toUInt64({_SECOND}))"
    return f"bitXor({word}, bitShiftRight({word}, 31))"
