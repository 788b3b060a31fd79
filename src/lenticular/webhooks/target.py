"""Where a webhook goes: an http or https URL, read once and by one reader, here."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from lenticular.errors import LenticularError, Problem

_MOST = 2_000
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,253}")
_SIX = re.compile(r"[0-9A-Fa-f:.]{2,45}")
_PORTS = {"http": 80, "https": 443}


class Target(msgspec.Struct, frozen=True):
    """The parts of a URL: a host is a name or an address (IPv6 without brackets), a path has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == _PORTS[self.scheme] else f"{shown}:{self.port}"


def target_of(url: str) -> Target:
    """Return where a URL leads. Raises LenticularError."""
    if len(url) > _MOST:
        raise _wrong("It is longer than 2,000 characters.", "Shorten it.")
    if not all("!" <= each <= "~" for each in url) or "\\" in url:
        hint = "Write other letters percent-encoded, and those of a host's name in Punycode (xn--…)."
        raise _wrong("It has characters that a URL can't have.", hint)
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise _wrong("It can't be read.", "Write https://host/path.") from None
    if parts.scheme not in _PORTS:
        raise _wrong("Only http and https can be asked.", "Write https://host/path.")
    if "@" in parts.netloc:
        raise _wrong("It has a user's name or password.", "Leave that out: every request is signed.")
    if "#" in url:
        raise _wrong("What stands behind # is never sent.", "Leave it out.")
    if not (_SIX if ":" in host else _NAME).fullmatch(host) or port == 0:
        raise _wrong("It names no host.", "Write https://host/path.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def _wrong(message: str, hint: str) -> LenticularError:
    return LenticularError(Problem("webhook.url", message, "url", hint))
