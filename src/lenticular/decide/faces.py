"""What tells two visible things apart: hashes of what is seen, from which an answer's cache key is made."""

from __future__ import annotations

from typing import Any

import msgspec

from lenticular.ids import short_hash


def face(*parts: Any) -> str:
    """Return 16 hexadecimal digits that stand for plain data; the order of members does not matter.

    Raises ValueError for what is not plain data.
    """
    try:
        return short_hash(msgspec.json.encode(parts, order="sorted").decode())
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"This is not plain data: {error}") from None
