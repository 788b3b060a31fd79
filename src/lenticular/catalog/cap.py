"""How often one visitor may see an item."""

from __future__ import annotations

from typing import Literal

from lenticular.catalog.definition import Definition

Per = Literal["session", "day", "week", "month", "lifetime"]
MOST = 100
"""The highest limit: a profile keeps the times of so many newest impressions of an item."""


class FrequencyCap(Definition, frozen=True):
    """At most `limit` impressions `per` window, and at least `gap` (`2h`) from one to the next.

    Days, weeks (from Monday) and months are those of the site's calendar: "not again today" is
    `{limit: 1, per: day}`. `limit` and `per` go together; either they or the gap may be left out. `instead` is the
    key of the item that takes the place of one that is kept back.
    """

    limit: int | None = None
    per: Per | None = None
    gap: str | None = None
    instead: str | None = None
