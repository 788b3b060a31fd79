"""A web property."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from lenticular.catalog.definition import Definition
from lenticular.catalog.hosting import Hosting
from lenticular.catalog.pressure import Pressure
from lenticular.catalog.property import Purpose
from lenticular.criteria.calendar import DAY


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
    for the decisions of the visitor it names. `secret_key` is for servers only: a file may bring one, which is
    kept as a hash elsewhere, so that it is empty in what is kept. `signals` says what a browser's privacy signals
    withhold, `holdout` who always sees the default. `approval`: what an editor changed goes live only if another
    person approves it. Events older than `retention_days` are let go of, by whole weeks; 0 keeps all. `locales` are its
    languages, the one for everybody else first; `theme` design tokens of its own, by name (`accent`). `block_kinds`:
    whether its blocks are checked, or `free` because a program of its own shows them. `pressure`: how often anybody may
    see any of a group of items. `hosting` says on which hosts Lenticular answers with the site's pages itself.
    """

    key: str
    timezone: str
    write_key: str
    name: str = ""
    secret_key: str = ""
    signals: Signals = Signals()
    approval: bool = False
    holdout: Holdout = Holdout()
    pressure: tuple[Pressure, ...] = ()
    retention_days: int = 0
    locales: tuple[str, ...] = ("en",)
    theme: dict[str, str] = msgspec.field(default_factory=dict)
    block_kinds: Literal["checked", "free"] = "checked"
    hosting: Hosting = Hosting()

    def kept_from(self, now: int) -> int | None:
        """Return the moment (ms) from which on events are kept, None for all: weeks go as a whole, once they are over.

        Weeks are those of the log's partitions, from 1970-01-01 UTC on.
        """
        if not self.retention_days:
            return None
        return (now - self.retention_days * DAY) // (7 * DAY) * (7 * DAY)
