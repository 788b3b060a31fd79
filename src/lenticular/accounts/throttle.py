"""How often someone may try: a few times at once, then after a time that doubles."""

from __future__ import annotations

import ipaddress

import msgspec

_FORGET = 3_600_000
_LONGEST = 900_000
_MOST = 20_000


class _Tries(msgspec.Struct):
    count: int
    last: int
    refused: bool = False


class Throttle:
    """Counts tries by a name: an account, an address. `free` of them need not wait; all is forgotten after an hour."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._tries: dict[str, _Tries] = {}

    def wait(self, name: str, now: int) -> int:
        """Return how long (ms) to wait before the next try; 0 for not at all."""
        found = self._tries.get(name)
        if found is None or now - found.last >= _FORGET or found.count < self._free:
            return 0
        least = min(1000 << min(found.count - self._free, 20), _LONGEST)
        return min(max(0, found.last + least - now), _LONGEST)  # clocks may go back

    def tried(self, name: str, now: int) -> None:
        """Note a try, before it is known whether it is good: many at once are as many."""
        found = self._tries.pop(name, None)
        if found is None or now - found.last >= _FORGET:
            found = _Tries(0, now)
        found.count, found.last, found.refused = found.count + 1, now, False
        self._tries[name] = found  # the newest last
        while len(self._tries) > _MOST:
            del self._tries[next(iter(self._tries))]

    def refuse(self, name: str) -> bool:
        """Note that someone has to wait; return whether it is the first time since the last try."""
        found = self._tries.get(name)
        if found is None or found.refused:
            return False
        found.refused = True
        return True

    def take_back(self, name: str) -> None:
        """A try was good: it does not count."""
        if name in self._tries:
            self._tries[name].count = max(0, self._tries[name].count - 1)

    def forget(self, name: str) -> None:
        """A try was good: begin anew."""
        self._tries.pop(name, None)


def network_of(address: str) -> str:
    """Return what an address is counted as: of IPv6 its /64, which one machine has all of."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        return str(mapped)
    return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False)) if found.version == 6 else address
