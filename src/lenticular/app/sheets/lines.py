"""The rows that folded sheets leave for the events store: lines of `profiles.rows.EventRow`, written by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute as arrow

from lenticular.app.sheets.lay_out import codes_of, times_of
from lenticular.profiles.laid import Laid
from lenticular.profiles.sheet import Column

Text = Any
"""An Arrow array of texts; its package has no types."""
_SPECIAL = r'["\\\x00-\x1f]'
_encode = msgspec.json.Encoder().encode


def lines_of(laid: Sequence[Laid]) -> tuple[int, bytes]:
    """Return how many rows of sheets were folded, and their lines."""
    texts = [_lines(one) for one in laid]
    return sum(len(one.profile_ids) for one in laid), b"\n".join(texts)


def _lines(laid: Laid) -> bytes:
    sheet = laid.sheet
    rows = np.concatenate([np.arange(each.start, each.stop) for each in laid.rows])
    fields = (
        ("seq", _whole(rows + laid.first)),
        ("time", _whole(times_of(sheet)[rows])),
        ("tie", _whole(np.array(laid.hashes, np.uint64)[rows] >> np.uint64(1))),
        ("profile_id", _whole(np.array(laid.profile_ids))),
        ("name", _values(sheet.names, rows)),
        ("type", '"track"'),
        ("session_id", _whole(np.array(laid.session_ids, np.uint64))),
        ("day", _whole(np.array(laid.days)[rows])),
        ("minute", _whole(np.array(laid.minutes)[rows])),
        ("received", str(sheet.received)),
        ("message_id", quoted(arrow.take(pyarrow.array(sheet.message_ids), rows))),
        ("properties", _object(sheet.properties, rows)),
        ("context", "{}"),
    )
    parts: list[Text] = []
    for name, values in fields:
        parts += [f'{"," if parts else "{"}"{name}":', values]
    found = arrow.binary_join_element_wise(*parts, "}\n", "")
    return bytes(content_of(found)[:-1])


def quoted(texts: Text) -> Text:
    """Return texts as they stand in JSON."""
    if arrow.any(arrow.match_substring_regex(texts, _SPECIAL)).as_py():
        return pyarrow.array(_encoded(texts.to_pylist()))
    return arrow.binary_join_element_wise('"', texts, '"', "")


def content_of(texts: Text) -> memoryview:
    """Return all of an array's texts, one behind the other; it must be no slice."""
    offsets, content = np.frombuffer(texts.buffers()[1], np.int32), texts.buffers()[2]
    return memoryview(content)[offsets[0] : offsets[len(texts)]]


def _whole(values: npt.NDArray[Any]) -> Text:
    return arrow.cast(pyarrow.array(values), pyarrow.string())


def _values(column: Column, rows: npt.NDArray[np.int64], before: str = "") -> Text:
    """Return a column's values in JSON, with something before each that there is."""
    codes = codes_of(column)[rows]
    texts = pyarrow.array([f"{before}{text}" for text in _encoded(column.values)], pyarrow.string())
    return arrow.take(texts, pyarrow.array(codes, mask=codes < 0))


def _object(properties: dict[str, Column], rows: npt.NDArray[np.int64]) -> Text:
    if not properties:
        return "{}"
    # Joining would leave out rows of which all are null: so each begins with a comma, and the first goes.
    columns = [arrow.fill_null(_values(column, rows, f',"{key}":'), "") for key, column in properties.items()]
    joined = arrow.binary_join_element_wise(*columns, "")
    return arrow.binary_join_element_wise("{", arrow.ascii_ltrim(joined, ","), "}", "")


def _encoded(values: Iterable[Any]) -> list[str]:
    return [_encode(value).decode() for value in values]
