"""What is known of who sent a request, beside what its messages say: from its headers and its address."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from lenticular.intake.ip import ReadIp, nothing_of
from lenticular.profiles.event import Values


class Sender(msgspec.Struct, frozen=True):
    """A visitor's browser: its `User-Agent` and client hints, the language that it prefers, its place as typed values.

    `signals` are those of `SIGNALS` that it sends. Of a server that speaks for its visitors nothing of that is known:
    what it sends from is not where they are; but an address that it tells is read by `of_ip`.
    """

    user_agent: str = ""
    language: str = ""
    place: Values = {}
    hints: bytes = b""
    signals: tuple[str, ...] = ()
    of_ip: ReadIp = nothing_of


SIGNALS: dict[bytes, str] = {b"sec-gpc": "gpc", b"dnt": "dnt"}
"""Headers, in lower case, with which a browser says `1` for no: Global Privacy Control, Do Not Track."""


NOBODY = Sender()


def looks_like_browser(user_agent: str) -> bool:
    """Return whether a `User-Agent` is a browser's: libraries that send events name themselves otherwise."""
    return user_agent.startswith(("Mozilla/", "Opera/"))


@lru_cache(maxsize=1024)
def preferred_language(accept_language: str) -> str:
    """Return the language that an `Accept-Language` header wants most (RFC 9110, 12.5.4), empty for none.

    >>> preferred_language("es-ES,es;q=0.9,en;q=0.8")
    'es-ES'
    """
    best, found = 0.0, ""
    for part in accept_language.split(","):
        tag, _, parameter = part.partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            quality = float(weight) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        tag = tag.strip()
        if quality > best and tag and tag != "*" and tag.isascii() and len(tag) <= 35:
            best, found = quality, tag
    return found
