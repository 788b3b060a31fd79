"""Where a request for a page leads: the site of its host, its page and language, or the address that is right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

import msgspec

from lenticular.app.site import LiveSite
from lenticular.blocks.locale import normal_tag
from lenticular.catalog.hosting import ANY_HOST
from lenticular.decide.snapshot import Snapshot
from lenticular.web.asgi import Scope, header

NOT_FOUND = "/404"
"""The path of the page that a site shows instead of one that is not there."""
_SAFE = "/:@!$&'()*+,;=-._~"
_SLASHES = re.compile(r"/+")
_UNKNOWN_LANGUAGE = "x-default"


class Spot(msgspec.Struct, frozen=True):
    """A page by its `path` without a language, in a `language` of the site; `prefix` is that of its address.

    `negotiated`: the address names no language, and the site has several.
    """

    path: str
    language: str
    prefix: str = ""
    negotiated: bool = False


def site_of(sites: Iterable[LiveSite], host: str) -> LiveSite | None:
    """Return the site whose pages a host shows: one that names it, else the first that takes every host."""
    every: LiveSite | None = None
    for site in sites:
        hosts = site.engine.catalog.site.hosting.hosts
        if host in hosts:
            return site
        if every is None and ANY_HOST in hosts:
            every = site
    return every


def host_of(scope: Scope) -> tuple[str, str]:
    """Return the host that a request asks, in small letters, and its port with a colon, or nothing."""
    value = header(scope, b"host").decode("latin-1").lower()
    name, _, port = value.rpartition(":")
    return (name, f":{port}") if name and port.isdigit() else (value, "")


def origin_of(scope: Scope, site: LiveSite) -> str:
    """Return scheme and host by which search engines shall know a site."""
    host, port = host_of(scope)
    first = site.engine.catalog.site.hosting.hosts[:1]
    return f"{scope.get('scheme', 'http')}://{host if first in ((), (ANY_HOST,)) else first[0]}{port}"


def find(path: str, snapshot: Snapshot, locales: tuple[str, ...], accept: str) -> Spot | str | None:
    """Return where a path leads; another path, as it stands in addresses, if that is how it is written; None: nowhere.

    Several languages: the first part of a path may be one of them, unless a page has that path itself.
    """
    plain = "/" + _SLASHES.sub("/", path).strip("/")
    prefix, rest = "", plain
    if len(locales) > 1 and plain not in snapshot.pages:
        first, _, more = plain[1:].partition("/")
        prefix = next((f"/{one}" for one in locales if one.lower() == first.lower()), "")
        rest = f"/{more}" if prefix else plain
    known = _known(rest, snapshot)
    if known is None:
        return None
    if address(prefix, known) != path:
        return quoted(address(prefix, known))
    if prefix:
        return Spot(known, prefix[1:], prefix)
    return Spot(known, negotiated(accept, locales), negotiated=len(locales) > 1)


def _known(path: str, snapshot: Snapshot) -> str | None:
    """Return the path of a page as it is written, None if there is none: nobody should care about capitals."""
    if snapshot.page(path) is not None:
        return path
    small = path.lower()
    written = next((one for one in snapshot.pages if one.lower() == small), None)
    return written or (small if snapshot.page(small) is not None else None)


def address(prefix: str, path: str) -> str:
    """Return the path of a page's address in a language."""
    return prefix if prefix and path == "/" else f"{prefix}{path}"


def quoted(path: str) -> str:
    """Return a path as headers and documents have it. It never begins with two slashes: that would be a host."""
    return quote(path, safe=_SAFE)


def canonical(spot: Spot, locales: tuple[str, ...]) -> str:
    """Return the one address of a page in its language."""
    return quoted(address(f"/{spot.language}" if len(locales) > 1 else "", spot.path))


def alternates(path: str, locales: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return languages and addresses of a page in all of them; the last one's language is the visitor's."""
    if len(locales) < 2:
        return ()
    found = [(normal_tag(one), quoted(address(f"/{one}", path))) for one in locales]
    return (*found, (_UNKNOWN_LANGUAGE, quoted(path)))


@lru_cache(4_096)
def negotiated(accept: str, locales: tuple[str, ...]) -> str:
    """Return the site's language that an `Accept-Language` header wants most (RFC 9110, 12.5.4; RFC 4647, lookup)."""
    wanted: list[tuple[float, int, str]] = []
    for at, part in enumerate(accept.split(",")[:20]):
        tag, _, parameter = part.partition(";")
        name, _, weight = parameter.strip().partition("=")
        try:
            quality = float(weight) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue
        if 0 < quality <= 1:
            wanted.append((-quality, at, tag.strip().lower()))
    known = [(one.lower(), one) for one in locales]
    for _, _, tag in sorted(wanted):
        language = tag.partition("-")[0]
        for fits in (tag, language):
            found = next((one for name, one in known if name == fits), None)
            if found:
                return found
        found = next((one for name, one in known if name.partition("-")[0] == language), None)
        if found:
            return found
    return locales[0] if locales else "en"
