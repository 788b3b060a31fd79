"""The forms in which exports are written."""

from __future__ import annotations

from typing import Literal

Format = Literal["csv", "jsonl", "parquet"]
MEDIA: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}
