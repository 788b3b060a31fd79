"""Rows as the fold writes them, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import pyarrow

from lenticular.ports import Batch
from lenticular.stores.streams import stream_of

WEEK = 7 * 86_400_000
START = 1_700_000_000_000


def event_row(seq: int, **changes: Any) -> dict[str, Any]:
    return {
        "seq": seq,
        "time": START + seq * 1000,
        "tie": seq,
        "profile_id": seq % 50,
        "name": "Product Viewed",
        "type": "track",
        "session_id": 2**63 + seq,
        "day": 19675,
        "minute": 1333,
        "received": START + seq * 1000,
        "message_id": f"m{seq}",
        "properties": {"n_price": float(seq), "t_sku": f"s{seq % 7}"},
        "context": {},
        **changes,
    }


def batch_of(rows: Iterable[dict[str, Any]], table: str = "events", first: int = 0, last: int = 0) -> Batch:
    rows = list(rows)
    lines = b"\n".join(map(msgspec.json.encode, rows))
    return Batch(table, first or rows[0]["seq"], last or rows[-1]["seq"], len(rows), lines)


def stream_batch_of(rows: Iterable[dict[str, Any]], first: int = 0, last: int = 0) -> Batch:
    """Return events as those of files go."""
    rows = list(rows)
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    for name in ("properties", "context"):
        columns[name] = [msgspec.json.encode(value).decode() for value in columns[name]]
    columns["session_id"] = pyarrow.array(columns["session_id"], pyarrow.uint64())
    return Batch("events", first or rows[0]["seq"], last or rows[-1]["seq"], len(rows), stream_of(columns))
