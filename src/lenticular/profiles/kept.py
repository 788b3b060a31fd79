"""What is kept of a merge, so that an operator can undo it (ADR 0017)."""

from __future__ import annotations

import msgspec

from lenticular.profiles.profile import Profile

KEPT_DAYS = 30
"""So many days after a merge it can be undone."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Profile).decode


class Kept(msgspec.Struct, frozen=True, array_like=True):
    """Two profiles as they were before they became one, without their tallies, which the log tells.

    `survivor` is the id of the one that stayed, `seq` and `day` are the number and the day of arrival of the event that
    joined them. `mine` is the profile that stayed, `theirs` the one that went, as msgpack.
    """

    survivor: int
    seq: int
    day: int
    mine: bytes
    theirs: bytes

    def profiles(self) -> tuple[Profile, Profile]:
        """Return the one that stayed and the one that went; the caller may change them."""
        return _decode(self.mine), _decode(self.theirs)

    def replaced(self, mine: Profile) -> Kept:
        """Return the same with another profile that stayed."""
        return msgspec.structs.replace(self, mine=_encode(mine))


def keep(survivor: Profile, loser: Profile, seq: int, day: int) -> Kept:
    """Return what is to be kept of a merge that is about to be."""
    return Kept(survivor.id, seq, day, _without_tallies(survivor), _without_tallies(loser))


def _without_tallies(profile: Profile) -> bytes:
    return _encode(msgspec.structs.replace(profile, tallies={}, away={}))
