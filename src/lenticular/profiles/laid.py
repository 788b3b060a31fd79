"""A sheet laid out to be folded: what is worked out for all rows at once, and what became of those that were folded so.

Rows that are no part of a run are folded as events of their own, and leave rows of their own (`profiles.rows`).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

import msgspec

from lenticular.criteria.calendar import DAY
from lenticular.profiles.run import Ran, Run
from lenticular.profiles.sheet import Sheet


class Laid(msgspec.Struct):
    """Rows of a sheet under their sequence numbers, which begin at `first`.

    `marks` are the hashes by which message ids are remembered, `hashes` those of `ids.hash64`; `days` and `minutes`
    are local. `runs` are (start, stop) of rows that follow each other as a run of events does, in order, `odd` rows
    that are never part of one. `counted` are the rows that some tally may count, ascending; `shown` says of each
    property from which row on there are values, ascending. `rows`, `profile_ids` and `session_ids` are what the folded
    ones became.
    """

    sheet: Sheet
    first: int
    marks: Sequence[int]
    hashes: Sequence[int]
    days: Sequence[int]
    minutes: Sequence[int]
    runs: Sequence[tuple[int, int]]
    odd: frozenset[int]
    counted: Sequence[int]
    shown: list[tuple[int, str]]
    rows: list[range] = []
    profile_ids: list[int] = []
    session_ids: list[int] = []

    @property
    def day(self) -> int:
        """The day on which all of it arrived."""
        return self.sheet.received // DAY

    @property
    def times(self) -> array[int]:
        """The times (ms)."""
        return self.sheet.moments

    def run(self, start: int, stop: int) -> Run:
        """Return some rows as a run."""
        counted = self.counted
        if counted:
            counted = counted[bisect_left(counted, start) : bisect_left(counted, stop)]
        return Run(start, stop, self.first.__add__, self.times, self.hashes, self.days, self.sheet.event, counted)

    def became(self, start: int, stop: int, ran: Ran) -> None:
        """Note what became of some rows."""
        self.rows.append(range(start, stop))
        self.profile_ids += [ran.profile_id] * (stop - start)
        for visit, count in ran.visits:
            self.session_ids += [visit] * count

    def folded_marks(self) -> list[int]:
        """Return the marks of the rows that were folded."""
        return [mark for rows in self.rows for mark in self.marks[rows.start : rows.stop]]

    def newly_shown(self, stop: int) -> dict[str, None]:
        """Return the properties whose first values lie before a row, and were not returned before."""
        found: dict[str, None] = {}
        while self.shown and self.shown[0][0] < stop:
            found[self.shown.pop(0)[1]] = None
        return found
