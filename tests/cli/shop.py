"""Files to import, the same rows in every format, and what must be found in them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

HEADER = "userId,event,timestamp,messageId,price,size,plan,score\n"
ROWS: list[dict[str, Any]] = [
    {
        "userId": f"u{at % 5}",
        "event": "Bought" if at % 3 else "Looked",
        "timestamp": f"2024-05-{at + 1:02}T10:00:00Z",
        "messageId": f"m{at}",
        "price": at * 1.5,
        "size": f"0{at}",
        "plan": "gold" if at % 5 == 2 else "tin",
        "score": at % 5,
    }
    for at in range(20)
]
COLUMNS = ["--trait", "plan", "--trait", "score", "--type", "size=text", "--tz", "Europe/Madrid"]


def write(folder: Path, name: str) -> Path:
    """Write the rows in the format that a name asks for."""
    path = folder / name
    if ".csv" in name:
        lines = [",".join(str(cell) for cell in row.values()) + "\n" for row in ROWS]
        content = (HEADER + "".join(lines)).encode()
    elif ".jsonl" in name:
        content = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    else:
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), str(path))
        return path
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def people(wanted: str, least: float, rows: list[dict[str, Any]] = ROWS) -> list[str]:
    """Return who did something for more than `least`, in order."""
    return sorted({row["userId"] for row in rows if row["event"] == wanted and row["price"] > least})
