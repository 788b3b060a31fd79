"""The message ids of rows that have none: from file, line and content, as `RowEvents` makes them of single rows."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
import numpy as np
import pyarrow
import pyarrow.compute as arrow

from lenticular.app.sheets.stretch import Stretch
from lenticular.stores.streams import content_of, quoted

_PIECE = 10_000
"""Rows whose JSON lies in memory at once."""
_sorted = msgspec.json.Encoder(order="sorted").encode


def made_ids(stretch: Stretch, file: bytes) -> list[str]:
    """Return an id for each row of a stretch; `file` is the name of the file."""
    names = msgspec.json.decode(_sorted(dict.fromkeys(stretch.columns)), type=dict[str, None])
    cells: list[tuple[Any, Any]] = []
    for name in names:
        texts = stretch.columns[name]
        before = f"{',' if cells else '{'}{msgspec.json.encode(name).decode()}:"
        cells.append((arrow.binary_join_element_wise(before, quoted(texts.values), ""), texts.codes))
    began = hashlib.blake2b(b"%b:" % file, digest_size=8)
    ids: list[str] = []
    for start in range(0, len(stretch), _PIECE):
        stop = min(start + _PIECE, len(stretch))
        lines = arrow.cast(pyarrow.array(np.arange(stretch.line + start, stretch.line + stop)), pyarrow.string())
        parts = [arrow.take(values, pyarrow.array(codes[start:stop])) for values, codes in cells]
        whole = arrow.binary_join_element_wise(lines, ":", *parts, "}", "")
        offsets, content = np.frombuffer(whole.buffers()[1], np.int32).tolist(), content_of(whole)
        for row in range(stop - start):
            one = began.copy()
            one.update(content[offsets[row] : offsets[row + 1]])
            ids.append(f"import-{one.hexdigest()}")
    return ids
