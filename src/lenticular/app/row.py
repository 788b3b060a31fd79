"""One row of a file to import, and the place in the file behind it."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from lenticular.errors import Problem

LONGEST = 1 << 20
"""Bytes of one row at most."""


class Position(msgspec.Struct, frozen=True):
    """How far a file has been read: bytes (unpacked; in Parquet rows) and lines."""

    offset: int = 0
    line: int = 0


class Unreadable(msgspec.Struct, frozen=True):
    """A row that can't be read: why, more precisely, and its text as far as there is one."""

    message: str
    detail: str = ""
    text: str = ""

    @property
    def problem(self) -> Problem:
        """The refusal of the row."""
        return Problem("import.row", self.message, hint=f"({self.detail})" if self.detail else "")


Row = tuple[int, dict[str, Any] | Unreadable]
"""A line number (the header is line 1; in Parquet, the row's number) and its cells, or why it can't be read."""


def plain_cell(cell: Any) -> Any:
    """Return a value of Parquet or of a database as JSON would have it: naive times are UTC, durations are texts.

    NaN is what many programs write for a missing number, and missing here; infinities are texts.
    """
    if cell is None or isinstance(cell, str | int):
        return cell
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None if math.isnan(cell) else str(cell)
    if isinstance(cell, datetime):
        moment = cell.replace(tzinfo=UTC) if cell.tzinfo is None else cell.astimezone(UTC)
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return plain_cell(float(cell))
    if isinstance(cell, bytes | bytearray | memoryview):
        return bytes(cell).decode("utf-8", "replace")
    if isinstance(cell, list | tuple):
        return [plain_cell(one) for one in cell]
    if isinstance(cell, dict):
        return {str(name): plain_cell(one) for name, one in cell.items()}
    return str(cell)
