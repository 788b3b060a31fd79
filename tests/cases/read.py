"""Conformance cases: JSON files of `[name, input, expected]`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest


def cases(name: str) -> list[Any]:
    """Return the cases of a file as parameters of (input, expected), named."""
    rows = msgspec.json.decode((Path(__file__).parent / name).read_bytes())
    return [pytest.param(given, expected, id=title) for title, given, expected in rows]
