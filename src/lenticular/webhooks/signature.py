"""Signatures of Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).

`webhook-id`, `webhook-timestamp` (seconds) and the body, joined by full stops, are signed with HMAC-SHA256; the header
`webhook-signature` has `v1,` and Base64 for each secret that signs, apart by spaces. Secrets are 24 to 64 random bytes,
shown as `whsec_` and Base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

PREFIX = "whsec_"


def secret_of(random: bytes) -> str:
    """Return how a secret is shown."""
    return PREFIX + base64.b64encode(random).decode()


def headers(identity: str, seconds: int, body: bytes, secrets: Iterable[str]) -> dict[str, str]:
    """Return the headers of one try. The id has no full stop in it: nobody can move the parts of what is signed."""
    signed = b".".join((identity.encode(), str(seconds).encode(), body))
    given = [base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets]
    signatures = [base64.b64encode(hmac.digest(each, signed, hashlib.sha256)).decode() for each in given]
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }
