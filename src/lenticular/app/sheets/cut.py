"""Some rows of a sheet, as a sheet."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from lenticular.app.sheets.lay_out import codes_of, times_of
from lenticular.profiles.sheet import NONE, Column, Sheet

Rows = npt.NDArray[np.int64]


def rows_of(sheet: Sheet, rows: Rows) -> Sheet:
    """Return a sheet of these rows, in this order, with the values that they have."""
    if len(rows) == len(sheet) and bool((rows[1:] > rows[:-1]).all()):
        return sheet
    ids = sheet.message_ids
    properties = {key: column_of(column, rows) for key, column in sheet.properties.items()}
    return msgspec.structs.replace(
        sheet,
        message_ids=[ids[row] for row in rows.tolist()],
        times=times_of(sheet)[rows].tobytes(),
        anonymous_ids=column_of(sheet.anonymous_ids, rows),
        user_ids=column_of(sheet.user_ids, rows),
        names=column_of(sheet.names, rows),
        properties={key: column for key, column in properties.items() if column.values},
    )


def column_of(column: Column, rows: Rows) -> Column:
    """Return the values that these rows have."""
    codes = codes_of(column)[rows]
    used = np.zeros(len(column.values) + 1, np.bool_)
    used[codes] = True
    used[NONE] = False
    places = np.cumsum(used, dtype=np.int32) - 1
    places[NONE] = NONE
    values = column.values
    return Column([values[place] for place in np.flatnonzero(used).tolist()], places[codes].astype("<i4").tobytes())
