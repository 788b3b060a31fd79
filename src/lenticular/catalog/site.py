"""A web property."""

from __future__ import annotations

from collections.abc import Iterable

from lenticular.catalog.definition import Definition
from lenticular.catalog.pressure import Pressure
from lenticular.catalog.property import Purpose


class Signals(Definition, frozen=True):
    """Which purposes a browser's signals withhold: Global Privacy Control (`Sec-GPC: 1`), Do Not Track (`DNT: 1`)."""

    gpc: tuple[Purpose, ...] = ("personalization",)
    dnt: tuple[Purpose, ...] = ()

    def withheld(self, sent: Iterable[str]) -> tuple[str, ...]:
        """Return the purposes that some signals, by name, withhold."""
        meaning: dict[str, tuple[str, ...]] = {"gpc": self.gpc, "dnt": self.dnt}
        return tuple(dict.fromkeys(purpose for name in sent for purpose in meaning.get(name, ())))


class Holdout(Definition, frozen=True):
    """The visitors who always see the default, so that there is something to compare personalization with.

    `share` of them, 0 … 1, are in it, chosen anew for another `seed`; those in one of the segments `without` never are
    (staff, testers).
    """

    share: float = 0.05
    seed: str = ""
    without: tuple[str, ...] = ()


class Site(Definition, frozen=True):
    """A web property with its own pages and content.

    `timezone` is an IANA name and fixed once data exists. `write_key` is public: it sends events and asks
    for the decisions of the visitor it names. `secret_key` is for servers only; empty means that there is
    none. `signals` says what a browser's privacy signals withhold, `holdout` who always sees the default,
    `pressure` how often anybody may see any of a group of items.
    """

    key: str
    timezone: str
    write_key: str
    name: str = ""
    secret_key: str = ""
    signals: Signals = Signals()
    holdout: Holdout = Holdout()
    pressure: tuple[Pressure, ...] = ()
