"""The one word of a page's query that is ours: `lenticular-preview=TOKEN`."""

from __future__ import annotations

from urllib.parse import unquote_plus

from lenticular.app.preview_link import PARAMETER

_START = f"{PARAMETER}=".encode()


def token_in(query: bytes) -> str | None:
    """Return the token of a preview in a query, None if there is none."""
    if _START not in query:
        return None
    found = next((part for part in query.split(b"&") if part.startswith(_START)), None)
    return None if found is None else unquote_plus(found.removeprefix(_START).decode("latin-1"))


def without_token(query: bytes) -> bytes:
    """Return a query without the token."""
    if _START not in query:
        return query
    return b"&".join(part for part in query.split(b"&") if not part.startswith(_START))
