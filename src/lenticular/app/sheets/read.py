"""A stretch of a file of events becomes sheets, person by person, each small enough to be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from lenticular.app.columns import Columns
from lenticular.app.row import Unreadable
from lenticular.app.row_events import RowEvents
from lenticular.app.sheets.cut import rows_of
from lenticular.app.sheets.lay_out import times_of
from lenticular.app.sheets.order import order_of
from lenticular.app.sheets.stretch import Stretch
from lenticular.app.sheets.typed import UnfitError, typed
from lenticular.errors import Problem
from lenticular.profiles.sheet import Sheet

Refuse = Callable[[int, Problem, Mapping[str, Any] | Unreadable], None]
"""Told of a row that is refused: its line, why, and its cells."""
_BESIDES = 200
"""Bytes that an event takes beside the text of its row."""


def sheets_of(
    stretch: Stretch, made: RowEvents, columns: Columns, most: tuple[int, int], refuse: Refuse
) -> list[Sheet] | None:
    """Return a stretch as sheets of at most so many rows and bytes; None where it has to be read row by row."""
    try:
        found = typed(stretch, made, columns)
    except UnfitError:
        return None
    refused = []
    for line, cells in stretch.rows(np.flatnonzero(found.doubtful).tolist()):
        event = cells.problem if isinstance(cells, Unreadable) else made.event(line, cells)
        if not isinstance(event, Problem):
            return None
        refused.append((line, event, cells))
    for line, problem, cells in refused:
        refuse(line, problem, cells)
    good = np.flatnonzero(~found.doubtful)
    order = good[order_of(times_of(found.sheet)[good], found.anonymous[good], found.users[good])]
    return [rows_of(found.sheet, rows) for rows in _cut(order, stretch.sizes[order] + _BESIDES, most)]


def _cut(
    rows: npt.NDArray[np.int64], sizes: npt.NDArray[np.int64], most: tuple[int, int]
) -> Iterator[npt.NDArray[np.int64]]:
    most_rows, most_bytes = most
    ends = np.cumsum(sizes)
    start = 0
    while start < len(rows):
        before = int(ends[start - 1]) if start else 0
        fitting = int(np.searchsorted(ends, before + most_bytes, side="right"))
        stop = min(start + most_rows, max(fitting, start + 1))
        yield rows[start:stop]
        start = stop
