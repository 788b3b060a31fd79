"""An IP address says where someone is, and is never kept whole."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from lenticular.criteria.tables import stored_key
from lenticular.profiles.event import Values

ReadIp = Callable[[str], Values]
"""An IP address -> the typed values that are kept of it: its place, and it itself without its end."""

_IP = stored_key("ip", "text")
_V4 = 0xFFFF_FF00  # the first 24 bits of 32
_V6 = ((1 << 48) - 1) << 80  # the first 48 bits of 128


@lru_cache(maxsize=8192)
def _read(address: str) -> tuple[str, str]:
    """Return an address as it is looked up, an IPv4 one without its IPv6 coat, and as it is kept."""
    try:
        found = ip_address(address)
    except ValueError:
        return "", ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None:
            return str(found), str(IPv6Address(int(found) & _V6))
        found = found.ipv4_mapped
    return str(found), str(IPv4Address(int(found) & _V4))


def truncated(address: str) -> str:
    """Return an address with all but its network set to zero: IPv4 to /24, IPv6 to /48; empty for what is none.

    >>> truncated("203.0.113.77"), truncated("2001:db8:7:8::9")
    ('203.0.113.0', '2001:db8:7::')
    """
    return _read(address)[1]


def nothing_of(address: str) -> Values:
    """Return nothing, whatever the address."""
    return {}


def ip_reader(place_of: ReadIp | None, kept: bool) -> ReadIp:
    """Return what reads addresses; `place_of` tells places, `kept` says whether the truncated address stays."""

    def read(address: str) -> Values:
        whole, short = _read(address)
        if not whole:
            return {}
        values = dict(place_of(whole)) if place_of else {}
        if kept:
            values[_IP] = short
        return values

    return read
