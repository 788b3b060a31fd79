"""Which addresses may be asked: public ones, and networks that a setting names."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from lenticular.errors import LenticularError, Problem

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")


def networks_of(setting: str, name: str) -> tuple[Network, ...]:
    """Return the networks of a setting: addresses or networks joined with commas. Raises LenticularError."""
    try:
        return tuple(ipaddress.ip_network(one.strip()) for one in setting.split(","))
    except ValueError as error:
        hint = "Write networks such as 10.1.0.0/16, joined with commas; or off."
        raise LenticularError(Problem("settings", f"This is no network: {error}.", name, hint)) from None


def may_be_asked(text: str, allowed: Sequence[Network]) -> bool:
    """Return whether an address (as a resolver gives it) is public, or in a network that is allowed.

    An IPv4 address within an IPv6 one (mapped, compatible, 6to4, Teredo, NAT64) counts as what it stands for.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inside = _inside(address)
    if any(one.version == network.version and one in network for one in (address, *inside) for network in allowed):
        return True
    return all(_is_public(one) for one in (inside or [address]))


def _inside(address: Address) -> list[Address]:
    """Return the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address.sixtofour is not None:
        return [address.sixtofour]
    if address.teredo is not None:
        return [*address.teredo]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return [ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)]
    return []


def _is_public(address: Address) -> bool:
    away = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)
    )
    return address.is_global and not away
