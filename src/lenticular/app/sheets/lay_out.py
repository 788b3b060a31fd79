"""What is worked out for all rows of a sheet at once before they are folded: local days, runs, hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from lenticular.criteria.calendar import DAY, Calendar
from lenticular.ids import hash_many
from lenticular.profiles.fold import IMPRESSION
from lenticular.profiles.interests import TOPICS
from lenticular.profiles.laid import Laid
from lenticular.profiles.run import LONGEST
from lenticular.profiles.sheet import Column, Sheet

Numbers = npt.NDArray[np.int64]
_MINUTE = 60_000


def lay_out(
    sheet: Sheet, first: int, marks: Sequence[int], zone: Calendar, concerned: Callable[[str], Sequence[str]]
) -> Laid:
    """Return a sheet whose numbers begin at `first`, ready to be folded.

    `marks` are the hashes by which its message ids are remembered; `concerned` says of a name which tallies count it.
    """
    times = times_of(sheet)
    local = times + np.array(zone.offsets)[np.searchsorted(np.array(zone.transitions), times, side="right")]
    days = local // DAY
    odd = _odd(sheet, times)
    return Laid(
        sheet,
        first,
        marks,
        hash_many(b"", sheet.message_ids),
        days.tolist(),
        ((local - days * DAY) // _MINUTE).tolist(),
        _runs(sheet, times, odd),
        frozenset(np.flatnonzero(odd).tolist()),
        _counted(sheet, concerned),
        shown_in(sheet),
    )


def times_of(sheet: Sheet) -> Numbers:
    """Return the times of a sheet (ms)."""
    return np.frombuffer(sheet.times, "<i8")


def codes_of(column: Column) -> npt.NDArray[np.int32]:
    """Return which of its values each row of a column has; NONE for none."""
    return np.frombuffer(column.codes, "<i4")


def _odd(sheet: Sheet, times: Numbers) -> npt.NDArray[np.bool_]:
    """Return which rows are no part of a run (see `run_at`): those to come, impressions, and those that name topics."""
    odd = times > sheet.received
    if IMPRESSION in sheet.names.values:
        odd |= codes_of(sheet.names) == sheet.names.values.index(IMPRESSION)
    return odd | (codes_of(sheet.properties[TOPICS]) >= 0) if TOPICS in sheet.properties else odd


def _runs(sheet: Sheet, times: Numbers, odd: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    begins = np.ones(len(sheet) + 1, np.bool_)
    begins[1:-1] = (times[1:] < times[:-1]) | odd[1:] | odd[:-1]
    for column in (sheet.user_ids, sheet.anonymous_ids):
        codes = codes_of(column)
        begins[1:-1] |= codes[1:] != codes[:-1]
    bounds = np.flatnonzero(begins).tolist()
    return [
        (start, min(start + LONGEST, stop)) for begin, stop in pairwise(bounds) for start in range(begin, stop, LONGEST)
    ]


def _counted(sheet: Sheet, concerned: Callable[[str], Sequence[str]]) -> list[int]:
    places = [place for place, name in enumerate(sheet.names.values) if concerned(name)]
    found: list[int] = np.flatnonzero(np.isin(codes_of(sheet.names), places)).tolist() if places else []
    return found


def shown_in(sheet: Sheet) -> list[tuple[int, str]]:
    """Return the first row with a value of each property, and its stored key, in the order of the rows."""
    found = [(np.flatnonzero(codes_of(column) >= 0), key) for key, column in sheet.properties.items()]
    return sorted(((int(rows[0]), key) for rows, key in found if len(rows)), key=lambda one: one[0])
