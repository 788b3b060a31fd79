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

_sorted = msgspec.json.Encoder(order="sorted").encode


def made_ids(stretch: Stretch, file: bytes) -> list[str]:
    """Return an id for each row of a stretch; `file` is the name of the file."""
    names = list(msgspec.json.decode(_sorted(dict.fromkeys(stretch.columns))))
    parts: list[Any] = []
    for name in names:
        texts = stretch.columns[name]
        before = f"{',' if parts else '{'}{msgspec.json.encode(name).decode()}:"
        cells = arrow.binary_join_element_wise(before, quoted(texts.values), "")
        parts.append(arrow.take(cells, pyarrow.array(texts.codes)))
    lines = arrow.cast(pyarrow.array(np.arange(stretch.line, stretch.line + len(stretch))), pyarrow.string())
    whole = arrow.binary_join_element_wise(lines, ":", *parts, "}", "")
    began = hashlib.blake2b(b"%b:" % file, digest_size=8)
    offsets, content = np.frombuffer(whole.buffers()[1], np.int32).tolist(), content_of(whole)
    ids = []
    for row in range(len(stretch)):
        one = began.copy()
        one.update(content[offsets[row] : offsets[row + 1]])
        ids.append(f"import-{one.hexdigest()}")
    return ids
