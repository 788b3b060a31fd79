"""A web property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from lenticular.catalog.definition import Definition
from lenticular.catalog.property import Purpose


class Signals(Definition, frozen=True):
    """Which purposes a browser's signals withhold: Global Privacy Control (`Sec-GPC: 1`), Do Not Track (`DNT: 1`)."""

    gpc: tuple[Purpose, ...] = ("personalization",)
    dnt: tuple[Purpose, ...] = ()

    def withheld(self, sent: Iterable[str]) -> tuple[str, ...]:
        """Return the purposes that some signals, by name, withhold."""
        meaning: dict[str, tuple[str, ...]] = {"gpc": self.gpc, "dnt": self.dnt}
        return tuple(dict.fromkeys(purpose for name in sent for purpose in meaning.get(name, ())))


class Site(Definition, frozen=True):
    """A web property with its own pages and content.

    `timezone` is an IANA name and fixed once data exists. `write_key` is public: it sends events and asks
    for the decisions of the visitor it names. `secret_key` is for servers only; empty means that there is
    none. `signals` says what a browser's privacy signals withhold. `locales` are its languages, the one for everybody
    else first. `blocks`: whether kinds and settings are checked, or `free` because a program of its own shows them.
    """

    key: str
    timezone: str
    write_key: str
    name: str = ""
    secret_key: str = ""
    signals: Signals = Signals()
    locales: tuple[str, ...] = ("en",)
    blocks: Literal["checked", "free"] = "checked"
