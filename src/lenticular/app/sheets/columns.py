"""The rows that folded sheets leave for the events store: those of `profiles.rows.EventRow`, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute as arrow

from lenticular.app.sheets.lay_out import codes_of, times_of
from lenticular.profiles.laid import Laid
from lenticular.profiles.sheet import Column
from lenticular.stores.streams import Text, encoded, joined, stream_of

Rows = npt.NDArray[np.int64]


def columns_of(laid: Sequence[Laid]) -> tuple[int, bytes]:
    """Return how many rows of sheets were folded, and their stream (`stores.streams`)."""
    return sum(len(one.profile_ids) for one in laid), joined([_stream(one) for one in laid])


def _stream(laid: Laid) -> bytes:
    sheet = laid.sheet
    rows = np.concatenate([np.arange(each.start, each.stop) for each in laid.rows])
    count = len(rows)
    found: dict[str, Any] = {
        "seq": (rows + laid.first).astype(np.uint64),
        "time": times_of(sheet)[rows],
        "tie": (np.array(laid.hashes, np.uint64)[rows] >> np.uint64(1)).astype(np.int64),
        "profile_id": np.array(laid.profile_ids, np.uint64),
        "name": _taken(sheet.names.values, sheet.names, rows),
        "type": pyarrow.repeat("track", count),
        "session_id": np.array(laid.session_ids, np.uint64),
        "day": np.array(laid.days, np.int32)[rows],
        "minute": np.array(laid.minutes, np.uint16)[rows],
        "received": np.full(count, sheet.received, np.int64),
        "message_id": arrow.take(pyarrow.array(sheet.message_ids, pyarrow.string()), rows),
        "properties": _objects(sheet.properties, rows),
        "context": pyarrow.repeat("{}", count),
    }
    return stream_of(found)


def _taken(texts: Sequence[str], column: Column, rows: Rows) -> Text:
    """Return the text of each row, of which there is one for each value of a column."""
    codes = codes_of(column)[rows]
    return arrow.take(pyarrow.array(texts, pyarrow.string()), pyarrow.array(codes, mask=codes < 0))


def _objects(properties: dict[str, Column], rows: Rows) -> Text:
    """Return the properties of each row as JSON."""
    if not properties:
        return pyarrow.repeat("{}", len(rows))
    # Joining would leave out rows of which all are null: so each begins with a comma, and the first goes.
    columns = [
        arrow.fill_null(_taken([f',"{key}":{text}' for text in encoded(column.values)], column, rows), "")
        for key, column in properties.items()
    ]
    fields = arrow.ascii_ltrim(arrow.binary_join_element_wise(*columns, ""), ",")
    return arrow.binary_join_element_wise("{", fields, "}", "")
