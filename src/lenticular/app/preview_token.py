"""Tokens of preview links: what is to be shown, signed by this installation, until a moment."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

import msgspec

from lenticular.errors import LenticularError, Problem

MOST_BYTES = 8_192
_HINT = "Ask whoever gave you this link for a new one."
_DOMAIN = b"lenticular preview 1\0"
"""Signed with what is in the token, so that no other use of the key makes tokens."""


class PreviewError(LenticularError):
    """A token shows nothing: it is none of this installation and site, it is over, or what it names is gone."""


class Preview(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, forbid_unknown_fields=True):
    """What a link shows at a `site` until it `expires` (ms); by its `id` it can be taken back.

    `segments`: as someone who is in these and no others; None: whatever is true of the visit, or of the `persona`.
    `drafts`: as if all of them were published. `at`: as of that moment (ms). `profile`: the id of somebody real, whose
    caps hold unless `caps` is false.
    """

    site: str
    expires: int
    id: str = ""
    segments: tuple[str, ...] | None = None
    persona: str | None = None
    drafts: bool = False
    at: int | None = None
    profile: int | None = None
    caps: bool = True


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Preview).decode


def token_of(preview: Preview, key: bytes) -> str:
    """Return the token of a preview: its JSON and an HMAC of that (RFC 2104, SHA-256), in base64url."""
    body = _encode(preview)
    return f"{_text(body)}.{_text(_signature(body, key))}"


def preview_of(token: str, key: bytes, site: str, now: int) -> Preview:
    """Return what a token shows at a site. Raises PreviewError."""
    body, _, signature = token.partition(".")
    try:
        if len(token) > MOST_BYTES:
            raise ValueError
        raw, given = _bytes(body), _bytes(signature)
    except (ValueError, binascii.Error):
        raise _tampered() from None
    # Nothing is read before it is known to be ours.
    if not hmac.compare_digest(given, _signature(raw, key)):
        raise _tampered()
    try:
        preview = _decode(raw)
    except msgspec.DecodeError:
        raise _tampered() from None
    if preview.site != site:
        raise PreviewError(Problem("preview.site", f'This preview link is for the site "{preview.site}".', hint=_HINT))
    if preview.expires <= now:
        raise PreviewError(Problem("preview.expired", "This preview link is over.", hint=_HINT))
    return preview


def _signature(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, _DOMAIN + body, hashlib.sha256).digest()


def _tampered() -> PreviewError:
    message = "This preview link is not one of this server, or part of it is missing."
    return PreviewError(Problem("preview.tampered", message, hint=f"Copy all of it. {_HINT}"))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _text(raw) != text:
        raise ValueError  # the same bytes written otherwise: one link is one text
    return raw
