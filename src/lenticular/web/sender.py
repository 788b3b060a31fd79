"""Who sent a request, from its headers and its address: only browsers speak for the visitor in front of them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from lenticular.errors import LenticularError, Problem
from lenticular.intake.context import place_values, with_place
from lenticular.intake.hints import HEADERS, hints_of
from lenticular.intake.ip import ReadIp, nothing_of
from lenticular.intake.sender import NOBODY, SIGNALS, Sender, looks_like_browser, preferred_language
from lenticular.profiles.event import Values
from lenticular.settings import OFF
from lenticular.web.asgi import Scope

ReadSender = Callable[[Scope, bool], Sender]
"""A request, and whether a server sends it, with the secret key -> who it is from."""

_NO_COUNTRY = frozenset(("XX", "T1", "ZZ", "-"))  # what proxies write for an unknown place, and for Tor


def sender_reader(place_headers: str, of_ip: ReadIp = nothing_of) -> ReadSender:
    """Return what reads a request's sender; `place_headers` names up to three headers: country, region, city.

    A place that a header says goes before that of the address. Raises LenticularError for what is no list of headers.
    """
    headers = _headers(place_headers)
    server = Sender(of_ip=of_ip)

    def read(scope: Scope, trusted: bool) -> Sender:
        if trusted:
            return server
        agent, language = b"", b""
        told: dict[bytes, bytes] = {}
        hints: list[tuple[bytes, bytes]] = []
        signals: tuple[str, ...] = ()
        for name, value in scope["headers"]:
            if name == b"user-agent":
                agent = value
            elif name == b"accept-language":
                language = value
            elif name in HEADERS:
                hints.append((name, value))
            elif name in SIGNALS and value.strip() == b"1":
                signals = (*signals, SIGNALS[name])
            elif name in headers:
                told[name] = value
        user_agent = agent.decode("latin-1")
        if not looks_like_browser(user_agent):
            return NOBODY
        client = scope.get("client")
        place = of_ip(client[0]) if client else {}
        told_place = _told_place([told.get(name, b"") for name in headers]) if told else {}
        return Sender(
            _sound(user_agent),
            preferred_language(language.decode("latin-1")),
            with_place(place, told_place) if told_place else place,
            hints_of(tuple(hints)) if hints else b"",
            signals,
        )

    return read


def _headers(setting: str) -> list[bytes]:
    if setting == OFF:
        return []
    names = [name.strip().lower() for name in setting.split(",")]
    if len(names) > 3 or not all(name and name.isascii() and " " not in name for name in names):
        hint = "Write the headers of country, region and city: CF-IPCountry, or CF-IPCountry,CF-Region,CF-IPCity."
        raise LenticularError(
            Problem("settings", f"{setting!r} is no list of headers.", "LENTICULAR_PLACE_HEADERS", hint)
        )
    return [name.encode() for name in names]


def _told_place(values: list[bytes]) -> Values:
    texts = [_sound(unquote(value.decode("utf-8", "replace").strip())) for value in values]
    country, region, city = (*texts, "", "")[:3]
    return {} if country.upper() in _NO_COUNTRY else place_values(country, region, city)


def _sound(text: str) -> str:
    return text.replace("\0", "")
