"""Secrets that are shown once. What is kept is their hash, from which nobody gets them back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable


def new_secret(prefix: str, new_id: Callable[[], str]) -> str:
    """Return a secret of two random ids (256 bits)."""
    return f"{prefix}{new_id()}{new_id()}"


def hash_of(secret: str) -> str:
    """Return what stands for a secret. It needs no salt and no slow hash: nobody can try all of 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def proof_of(secret: str) -> str:
    """Return what a page sends to show that it, and not another site's page, asks in a session (CSRF)."""
    return hashlib.sha256(b"csrf:" + secret.encode("utf-8", "replace")).hexdigest()[:32]
