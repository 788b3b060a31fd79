"""Ids and hashes. Nothing here is random: what must be random is passed in."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Iterable


def hasher(key: bytes) -> Callable[[str], int]:
    """Return what hashes a text to 64 bits (BLAKE2b, RFC 7693), keyed unless `key` is empty (at most 64 bytes).

    Without the key nobody can make two texts whose hashes meet, nor tell whether they do.
    """
    began = hashlib.blake2b(digest_size=8, key=key)

    def hashed(text: str) -> int:
        one = began.copy()
        one.update(text.encode("utf-8", "surrogatepass"))
        return int.from_bytes(one.digest())

    return hashed


def hash_many(key: bytes, texts: Iterable[str]) -> list[int]:
    """Return what `hasher(key)` makes of each of some texts, in less time."""
    began, digests = hashlib.blake2b(digest_size=8, key=key), []
    for text in texts:
        one = began.copy()
        one.update(text.encode("utf-8", "surrogatepass"))
        digests.append(one.digest())
    return list(struct.unpack(f">{len(digests)}Q", b"".join(digests)))


hash64 = hasher(b"")
"""A text -> its stable 64-bit hash, the same everywhere."""


def hash_bytes(data: bytes) -> int:
    """Return what `hash64` returns of the text that is these bytes in UTF-8."""
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())


def short_hash(text: str) -> str:
    """Return 16 hexadecimal digits that stand for a text."""
    return f"{hash64(text):016x}"


def tie(message_id: str) -> int:
    """Return what orders two events of the same millisecond: 63 bits, so that it fits every store's integer."""
    return hash64(message_id) >> 1
