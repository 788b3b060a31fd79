"""Ids and hashes. Nothing here is random: what must be random is passed in."""

from __future__ import annotations

import hashlib


def hash64(text: str, key: bytes = b"") -> int:
    """Return a stable 64-bit hash of a text (BLAKE2b, RFC 7693), keyed if `key` is given (at most 64 bytes)."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest())


def short_hash(text: str) -> str:
    """Return 16 hexadecimal digits that stand for a text."""
    return f"{hash64(text):016x}"


def tie(message_id: str) -> int:
    """Return what orders two events of the same millisecond: 63 bits, so that it fits every store's integer."""
    return hash64(message_id) >> 1
