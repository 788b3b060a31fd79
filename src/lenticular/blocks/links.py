"""Addresses that may stand in a page: nothing that runs, nothing that carries its content in itself."""

from __future__ import annotations

import re
from typing import Any

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_ODD = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029<>\"`\\]")
LINKS = frozenset({"http", "https", "mailto", "tel"})
PICTURES = frozenset({"http", "https"})


def safe_address(value: Any, schemes: frozenset[str] = LINKS) -> str:
    """Return an address that can be put into `href` or `src`, empty for one that can't.

    Browsers leave out tabs and line breaks before they look for the scheme (WHATWG URL, basic URL parser), so what has
    any control character or space inside is refused rather than repaired; quotes, brackets and backslashes too, which
    no address has unescaped.
    """
    if not isinstance(value, str):
        return ""
    address = value.strip(" ")
    if _ODD.search(address):
        return ""
    scheme = _SCHEME.match(address)
    if scheme is None:
        return "" if address.startswith(":") else address
    return address if scheme[0].lower() in schemes else ""


def safe_picture(value: Any) -> str:
    """Return the address of a picture, empty for one that can't be used."""
    return safe_address(value, PICTURES)
